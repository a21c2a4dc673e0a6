import * as fc from 'fast-check';

import { ReplyBody } from './reply-body.js';

describe('ReplyBody', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 8 });

  it('is all that came, whether its length was known or not, and nothing that was read later', () => {
    fc.assert(
      fc.property(pieces, fc.boolean(), (all, isKnown) => {
        const whole = Buffer.concat(all);
        const body = new ReplyBody(isKnown ? whole.length : undefined);
        // Everything is read into the same place.
        const place = Buffer.alloc(3_000);
        for (const piece of all) {
          place.set(piece);
          body.push(place.subarray(0, piece.length));
        }
        place.fill(0xff);
        expect(body.length).toBe(whole.length);
        expect(body.take().equals(whole)).toBe(true);
      }),
    );
  });

  it('has no room before there is anything for it', () => {
    const before = process.memoryUsage().arrayBuffers;
    const promised = Array.from({ length: 1_000 }, () => new ReplyBody(1_000_000_000));
    for (const body of promised) body.push(Buffer.from('x'));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1_024 * 1_024);
  });
});
