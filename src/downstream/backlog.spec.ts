import { EventEmitter } from 'node:events';

import { Flow } from '../core/flow.js';
import { Backlog } from './backlog.js';

/** A stream that holds what it is told it holds. */
class Outflow extends EventEmitter {
  writableLength = 0;
  writableNeedDrain = false;

  take(bytes: number): void {
    this.writableLength -= bytes;
    if (this.writableLength > 0) return;
    this.writableNeedDrain = false;
    this.emit('drain');
  }
}

describe('Backlog', () => {
  let stream: Outflow;
  let flow: Flow;
  let backlog: Backlog;

  beforeEach(() => {
    stream = new Outflow();
    flow = new Flow();
    backlog = new Backlog(stream, flow, { queueSoftBytes: 100, queueHardBytes: 1_000 });
  });

  const write = (bytes: number): void => {
    stream.writableLength += bytes;
    stream.writableNeedDrain = stream.writableLength >= 64;
    backlog.grew(bytes);
  };

  it('holds up the flow from the soft limit on, until all of it is gone', () => {
    write(100);
    expect(flow.congested).toBe(false);
    write(1);
    expect(flow.congested).toBe(true);
    stream.take(100);
    expect(flow.congested).toBe(true);
    stream.take(1);
    expect(flow.congested).toBe(false);
  });

  it('does not hold up the flow of a stream that would never say that it is drained', () => {
    stream.writableLength = 200;
    backlog.grew(200);
    expect(flow.congested).toBe(false);
  });

  it('lets the flow go when the stream is closed, whatever is unsent', () => {
    write(500);
    stream.emit('close');
    expect(flow.congested).toBe(false);
  });

  it('is full beyond the hard limit', () => {
    write(1_000);
    expect(backlog.full).toBe(false);
    write(1);
    expect(backlog.full).toBe(true);
  });

  it('is stuck while something waits and nothing of it is taken, however much is added', () => {
    expect(backlog.stuck()).toBe(false);
    write(300);
    stream.take(10);
    expect(backlog.stuck()).toBe(false);
    write(50);
    expect(backlog.stuck()).toBe(true);
    stream.take(1);
    write(50);
    expect(backlog.stuck()).toBe(false);
    stream.take(stream.writableLength);
    expect(backlog.stuck()).toBe(false);
  });
});
