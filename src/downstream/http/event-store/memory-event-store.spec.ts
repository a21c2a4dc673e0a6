import * as fc from 'fast-check';
import { Subject } from 'rxjs';

import { ManualClock } from '../../../../test/support/manual-clock.js';
import type { ConfigService } from '../../../config/index.js';
import { SessionSection } from '../../../session/index.js';
import { MemoryEventStore } from './memory-event-store.js';
import type { StoredEvent, StreamRecord } from './event-store.js';

function harness(section: Partial<SessionSection> = {}) {
  const clock = new ManualClock();
  const settings = Object.assign(new SessionSection(), section);
  const config = { get: () => settings, changes: new Subject() } as unknown as ConfigService;
  return { clock, store: new MemoryEventStore(config, clock) };
}

function said(record: StreamRecord | undefined, after = 0): string[] {
  const events = record?.after(after) ?? [];
  return events instanceof Promise ? [] : events.map(({ number, frame }) => `${number}:${frame.toString()}`);
}

describe('the event store in memory', () => {
  it('replays from any point exactly what was said behind it on that stream, however streams take turns', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.string()), { maxLength: 80 }), (script) => {
        const { store } = harness();
        const records = [0, 1, 2, 3].map((stream) => store.begin(`session ${stream % 2}`, `stream ${stream}`));
        const spoken: string[][] = [[], [], [], []];
        for (const [stream, text] of script) {
          const number = records[stream]!.append(Buffer.from(text));
          expect(spoken[stream]!.push(`${number}:${text}`)).toBe(number);
        }
        for (const [stream, all] of spoken.entries()) {
          const found = store.find(`session ${stream % 2}`, `stream ${stream}`);
          for (let cut = 0; cut <= all.length; cut++) expect(said(found, cut)).toEqual(all.slice(cut));
        }
      }),
    );
  });

  it('never keeps more than it may, and what it keeps is the newest of each stream without a gap', () => {
    const limits = { resumeMaxEvents: 8, resumeMaxBytes: 8_192, resumeTotalBytes: 16_384 };
    const line = fc.tuple(fc.nat(5), fc.nat(9_000));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), (script) => {
        const { store } = harness(limits);
        const records = [0, 1, 2, 3, 4, 5].map((stream) => store.begin(`session ${stream % 3}`, `stream ${stream}`));
        for (const [stream, length] of script) {
          records[stream]!.append(Buffer.alloc(length));
          expect(store.size.bytes).toBeLessThanOrEqual(limits.resumeTotalBytes);
          expect(store.size.events).toBeLessThanOrEqual(3 * limits.resumeMaxEvents);
        }
        for (const record of records) {
          const numbers = said(record).map((event) => Number.parseInt(event, 10));
          expect(numbers).toEqual(numbers.map((_, index) => record.last - numbers.length + 1 + index));
        }
      }),
    );
  });

  it('lets go of what is older than the window, and of streams of which nothing is left', () => {
    const { clock, store } = harness({ resumeWindow: 60_000 });
    const open = store.begin('s', 'open');
    const finished = store.begin('s', 'finished');
    open.append(Buffer.from('a'));
    finished.append(Buffer.from('b'));
    finished.finish();
    clock.advance(59_000);
    open.append(Buffer.from('c'));
    expect([said(store.find('s', 'open')), said(store.find('s', 'finished'))]).toEqual([['1:a', '2:c'], ['1:b']]);

    clock.advance(6_000);
    expect(said(store.find('s', 'open'))).toEqual(['2:c']);
    expect(store.find('s', 'finished')).toBeUndefined();
    open.finish();
    clock.advance(60_000);
    expect([store.size, clock.timers]).toEqual([{ sessions: 0, events: 0, bytes: 0 }, 0]);
  });

  it('keeps nothing of a stream on which something too long was said, and all of the others', () => {
    const { store } = harness({ resumeMaxBytes: 4_096 });
    const short = store.begin('s', 'short');
    const long = store.begin('s', 'long');
    short.append(Buffer.from('a'));
    long.append(Buffer.from('b'));
    long.append(Buffer.alloc(5_000));
    long.finish();
    expect(said(store.find('s', 'short'))).toEqual(['1:a']);
    expect(store.find('s', 'long')).toBeUndefined();
  });

  it('knows a stream in its own session only, and nothing of a session that is over', () => {
    const { store } = harness();
    const record = store.begin('a', 'x');
    record.append(Buffer.from('1'));
    expect(store.find('b', 'x')).toBeUndefined();
    store.forget('a');
    expect(store.find('a', 'x')).toBeUndefined();
    record.append(Buffer.from('2'));
    record.finish();
    expect(store.size).toEqual({ sessions: 0, events: 0, bytes: 0 });
  });

  it('keeps small frames without the larger buffers that they are part of', () => {
    const { store } = harness();
    const record = store.begin('s', 'x');
    record.append(Buffer.from('small'));
    const [kept] = record.after(0) as readonly StoredEvent[];
    expect(kept!.frame.buffer.byteLength).toBe(5);
  });
});
