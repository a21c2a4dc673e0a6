import { ManualClock } from '../../../test/support/manual-clock.js';
import { Standing } from './standing.js';

describe('the standing of a server', () => {
  let clock: ManualClock;
  let standing: Standing;
  let heard: string[];

  beforeEach(() => {
    clock = new ManualClock();
    heard = [];
    standing = new Standing(clock, ({ kind }) => heard.push(kind));
  });

  it('is down once it could not be reached for five seconds, whenever the next try is', () => {
    standing.connecting();
    clock.advance(1_000);
    standing.missed('refused');
    standing.missed('refused again');
    clock.advance(3_999);
    expect(standing.state.kind).toBe('connecting');
    clock.advance(1);

    expect(standing.state).toMatchObject({ kind: 'down', reason: 'refused again' });
  });

  it('stays as it is while the first try still lasts', () => {
    standing.connecting();
    clock.advance(60_000);
    expect(standing.state.kind).toBe('connecting');
    standing.missed('it took too long');

    expect(standing.state.kind).toBe('down');
  });

  it('is not overtaken by a time that has been forgiven', () => {
    standing.connecting();
    standing.missed('refused');
    standing.up();
    clock.advance(10_000);

    expect(heard).toEqual(['connecting', 'up']);
    expect(clock.timers).toBe(0);
  });

  it('keeps since when it is down, whatever the reason is by now', () => {
    standing.down('a');
    clock.advance(5);
    standing.down('b');

    expect(standing.state).toEqual({ kind: 'down', since: 0, reason: 'b' });
  });

  it('drains for good', () => {
    standing.draining();
    standing.up();
    standing.missed('refused');

    expect(heard).toEqual(['draining']);
  });
});
