import { array, assert, property, uint8Array } from 'fast-check';

import { GatheredBytes } from './gathered-bytes.js';

describe('GatheredBytes', () => {
  it('gives back what was pushed, in order, whatever the sizes', () => {
    const pieces = array(uint8Array({ maxLength: 3_000 }), { maxLength: 40 });
    assert(
      property(pieces, (arrays) => {
        const gathered = new GatheredBytes();
        const buffers = arrays.map((array) => Buffer.from(array));
        for (const buffer of buffers) gathered.push(buffer);
        const whole = Buffer.concat(buffers);
        expect(gathered.length).toBe(whole.length);
        expect(gathered.take().equals(whole)).toBe(true);
        expect(gathered.length).toBe(0);
      }),
    );
  });

  it('does not copy what came in one piece', () => {
    const gathered = new GatheredBytes();
    const piece = Buffer.from('{}');
    gathered.push(piece);
    expect(gathered.take()).toBe(piece);
  });

  it('can be used again', () => {
    const gathered = new GatheredBytes();
    for (const text of ['a', 'b', 'c']) gathered.push(Buffer.from(text));
    const first = gathered.take();
    for (const text of ['d', 'e']) gathered.push(Buffer.from(text));
    expect([first.toString(), gathered.take().toString()]).toEqual(['abc', 'de']);
  });

  it('holds a million single bytes in little more than a million bytes', () => {
    const gathered = new GatheredBytes();
    const piece = Buffer.from('x');
    const before = process.memoryUsage();
    for (let i = 0; i < 1_000_000; i++) gathered.push(piece);
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(4_000_000);
    expect(gathered.take().length).toBe(1_000_000);
  });
});
