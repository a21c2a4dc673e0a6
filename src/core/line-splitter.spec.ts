import * as fc from 'fast-check';

import { LineSplitter } from './line-splitter.js';
import { brisk } from '../../test/support/brisk.ts';

function split(chunks: readonly Buffer[], maxBytes = 1_000): { lines: string[]; whole: boolean } {
  const lines: string[] = [];
  const splitter = new LineSplitter(maxBytes, (line) => lines.push(line.toString()));
  const whole = chunks.every((chunk) => splitter.push(chunk));
  return { lines, whole };
}

describe('LineSplitter', () => {
  it('puts lines together from any pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-zé{}" ]{1,20}$/)),
        fc.array(fc.integer({ min: 1, max: 9 })),
        (lines, cuts) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const chunks: Buffer[] = [];
          let at = 0;
          for (const cut of [...cuts, bytes.length]) {
            if (at < bytes.length) chunks.push(bytes.subarray(at, at + cut));
            at += cut;
          }
          expect(split(chunks).lines).toEqual(lines);
        },
      ),
    );
  });

  it('takes CRLF for a line end and leaves empty lines out', () => {
    expect(split([Buffer.from('a\r\n\r\n\nb\r'), Buffer.from('\nc\n')]).lines).toEqual(['a', 'b', 'c']);
  });

  it('keeps back what has no end yet', () => {
    expect(split([Buffer.from('a\nb')]).lines).toEqual(['a']);
  });

  it.each(['x'.repeat(11), `${'x'.repeat(11)}\n`])('refuses a line longer than allowed', (text) => {
    expect(split([Buffer.from(text)], 10).whole).toBe(false);
    expect(
      split(
        text.split('').map((byte) => Buffer.from(byte)),
        10,
      ).whole,
    ).toBe(false);
  });

  it('takes a long line in small pieces without copying it again and again', () => {
    const piece = Buffer.alloc(1_024, 'x');
    const lines: Buffer[] = [];
    const splitter = new LineSplitter(64 * 1_024 * 1_024, (line) => lines.push(line));
    const began = performance.now();

    for (let n = 0; n < 16 * 1_024; n++) splitter.push(piece);
    splitter.push(Buffer.from('\n'));

    expect(lines[0]).toHaveLength(16 * 1_024 * 1_024);
    expect(performance.now() - began).toBeLessThan(brisk(2_000));
  });
});
