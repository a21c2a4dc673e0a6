import * as fc from 'fast-check';

import { eventId, isOwnStream, nonceOf, readEventId, slotOf, streamName } from './event-id.js';

const nonce = fc.stringMatching(/^[\w-]{6}$/);
const kind = fc.constantFrom('own' as const, 'post' as const);
const count = fc.nat();

describe('the id of an event', () => {
  it('tells its stream and its number', () => {
    fc.assert(
      fc.property(nonce, kind, count, count, (nonce, kind, stream, number) => {
        const name = streamName(nonce, kind, stream);
        const id = eventId(name, number);

        expect(readEventId(id)).toEqual({ stream: name, number });
        expect(isOwnStream(name)).toBe(kind === 'own');
        expect(id).toMatch(/^[\x21-\x7e]{1,32}$/);
      }),
    );
  });

  it('tells the worker that has its stream, where there are several', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_295 }),
        fc.stringMatching(/^[\w-]{4}$/),
        kind,
        count,
        (slot, random, kind, n) => {
          const name = streamName(nonceOf(slot, random), kind, n);
          expect(readEventId(eventId(name, n))).toEqual({ stream: name, number: n });
          expect(slotOf(eventId(name, n))).toBe(slot);
        },
      ),
    );
  });

  it('is nothing else', () => {
    fc.assert(fc.property(fc.string(), (text) => readEventId(text) === undefined));
    const id = eventId(streamName('abcdef', 'post', 3), 7);
    for (const other of [
      '',
      `${id} `,
      ` ${id}`,
      `${id}.1`,
      id.slice(1),
      id.replace('p', 'q'),
      `${id}${'0'.repeat(9)}`,
    ]) {
      expect(readEventId(other)).toBeUndefined();
    }
  });
});
