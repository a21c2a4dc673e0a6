import * as fc from 'fast-check';

import { LinkedQueue, type Place } from './linked-queue.js';

/** `true` adds a value, a number takes one of those out that are in. */
const step = fc.oneof(fc.constant(true as const), fc.nat());

describe('a linked queue', () => {
  it('holds its values in the order in which they came, whoever left', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(60), (steps, from) => {
        const queue = new LinkedQueue<number>();
        const places: Place<number>[] = [];
        for (const [index, each] of steps.entries()) {
          if (each === true) places.push(queue.push(index));
          else if (places.length > 0) queue.remove(places.splice(each % places.length, 1)[0]!);
        }
        const values = places.map(({ value }) => value);

        expect(queue.size).toBe(values.length);
        expect([queue.oldest, queue.newest]).toEqual([values[0], values.at(-1)]);
        expect(queue.newestWhile(() => true)).toEqual(values);
        expect(queue.newestWhile((value) => value > from)).toEqual(values.filter((value) => value > from));
      }),
    );
  });
});
