import * as fc from 'fast-check';

import { Flow } from '../../core/flow.js';
import type { StoredEvent, StreamRecord } from './event-store/event-store.js';
import { MessageStream, type Resumable, type Speaker } from './message-stream.js';
import type { SseStream } from './sse-stream.js';

/** A record elsewhere, whose events arrive when the test says so. */
class RemoteRecord implements StreamRecord {
  finished = false;
  readonly frames: string[] = [];
  onAsked: () => void = () => undefined;
  private readonly asked: (() => void)[] = [];

  get last(): number {
    return this.frames.length;
  }

  append(frame: Buffer): number {
    return this.frames.push(frame.toString());
  }

  after(number: number): Promise<StoredEvent[]> {
    return new Promise((resolve) => {
      queueMicrotask(() => this.onAsked());
      this.asked.push(() => {
        const frames = this.frames.map((frame, index) => ({ number: index + 1, frame: Buffer.from(frame) }));
        resolve(frames.slice(number));
      });
    });
  }

  finish(): void {
    this.finished = true;
  }

  /** Hands over what was asked for. */
  answer(): void {
    for (const each of this.asked.splice(0)) each();
  }
}

/** A connection that notes what it is sent. */
class Connection {
  readonly sent: string[] = [];
  state: 'open' | 'ended' | 'cut' = 'open';
  private gone: () => void = () => undefined;

  prime(id: string): void {
    this.sent.push(id);
  }

  send(frame: Buffer, id?: string): void {
    if (this.state === 'open') this.sent.push(`${id} ${frame.toString()}`);
  }

  comment(): void {
    // Says nothing.
  }

  end(): void {
    if (this.state === 'open') this.state = 'ended';
  }

  cut(): void {
    if (this.state !== 'open') return;
    this.state = 'cut';
    this.gone();
  }

  onGone(callback: () => void): void {
    this.gone = callback;
  }

  get wire(): SseStream {
    return this as unknown as SseStream;
  }
}

function harness() {
  const record = new RemoteRecord();
  const speaker: Speaker = { flow: new Flow(), left: vi.fn(), returned: vi.fn() };
  const resumable: Resumable = { name: 's', record, primes: true, close: () => record.finish() };
  const first = new Connection();
  return { record, speaker, first, stream: new MessageStream(first.wire, speaker, resumable) };
}

/** What may happen while a client catches up: something is said, the store answers, time passes. */
const happening = fc.constantFrom('said', 'answered', 'tick');

describe('a stream of messages whose store takes its time', () => {
  it('tells a client that comes back everything behind its last event, once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(8), fc.nat(8), fc.array(happening, { maxLength: 20 }), async (before, cut, meanwhile) => {
        const { record, stream, first } = harness();
        const say = () => stream.send(Buffer.from(`m${record.last + 1}`));
        for (let count = 0; count < before; count++) say();
        const after = Math.min(cut, before);
        const second = new Connection();
        const caughtUp = stream.resume(second.wire, after);
        for (const each of meanwhile) {
          if (each === 'said') say();
          else if (each === 'answered') record.answer();
          else await Promise.resolve();
        }
        say();
        // The store is asked as often as it takes.
        record.onAsked = () => record.answer();
        record.answer();
        await caughtUp;
        say();
        stream.end();

        const all = record.frames.map((frame, index) => `s.${(index + 1).toString(36)} ${frame}`);
        expect(second.sent).toEqual(all.slice(after));
        expect(first.sent).toEqual(['s.0', ...all.slice(0, before)]);
        expect([first.state, second.state]).toEqual(['cut', 'ended']);
      }),
    );
  });

  it('ends when the client has caught up, if all was said meanwhile', async () => {
    const { record, stream } = harness();
    stream.send(Buffer.from('a'));
    const second = new Connection();
    const caughtUp = stream.resume(second.wire, 0);
    stream.send(Buffer.from('b'));
    stream.end();
    expect(second.state).toBe('open');
    record.answer();
    await caughtUp;
    expect([second.sent, second.state]).toEqual([['s.1 a', 's.2 b'], 'ended']);
  });

  it('goes on with the last of those who come back, and leaves the others', async () => {
    const { record, stream, speaker } = harness();
    stream.send(Buffer.from('a'));
    const [second, third] = [new Connection(), new Connection()];
    const both = [stream.resume(second.wire, 0), stream.resume(third.wire, 0)];
    record.answer();
    await Promise.all(both);
    stream.send(Buffer.from('b'));
    expect([second.state, second.sent]).toEqual(['cut', []]);
    expect([third.state, third.sent]).toEqual(['open', ['s.1 a', 's.2 b']]);
    expect(speaker.left).not.toHaveBeenCalled();
    third.cut();
    expect(speaker.left).toHaveBeenCalledTimes(1);
    expect([stream.reaches, stream.recoverable]).toEqual([true, true]);
  });
});
