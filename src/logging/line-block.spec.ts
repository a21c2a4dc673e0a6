import { array, assert, constantFrom, oneof, property, string } from 'fast-check';

import { LineBlock } from './line-block.js';

const texts = oneof(
  string({ unit: 'binary', maxLength: 50 }),
  constantFrom('', 'ascii', 'x'.repeat(32), 'x'.repeat(33), 'é', 'xé', '\ud800', '😀', 'y'.repeat(40_000)),
);

describe('A block of lines', () => {
  it('holds what was put in, in order', () => {
    assert(
      property(array(array(texts)), (lines) => {
        const block = new LineBlock();
        for (const line of lines) {
          line.forEach((text, nth) => (nth % 2 === 0 ? block.text(text) : block.piece(Buffer.from(text))));
          block.end();
        }
        expect(block.lines).toBe(lines.length);
        const bytes = Buffer.concat(lines.flat().map((text) => Buffer.from(text)));
        expect(block.take().equals(bytes)).toBe(true);
        expect(block.lines).toBe(0);
        expect(block.take()).toHaveLength(0);
      }),
    );
  });

  it('says with each line how much there is', () => {
    const lengths: number[] = [];
    const block = new LineBlock((length) => lengths.push(length));
    block.text('one\n').end();
    block.text('two').text('\n').end();
    expect(lengths).toEqual([4, 8]);
  });
});
