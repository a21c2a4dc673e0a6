import * as fc from 'fast-check';

import { Word } from './word.js';

describe('Word', () => {
  it('is found wherever it is', () => {
    const word = new Word('"aT"', 'T');
    const text = fc.array(fc.constantFrom('"aT"', 'T', '"a', '"', 'é', 'x')).map((parts) => parts.join(''));

    fc.assert(
      fc.property(text, fc.nat(40), (given, from) => {
        const bytes = Buffer.from(given);
        expect(word.at(bytes, from)).toBe(bytes.indexOf('"aT"', from));
        expect(word.isIn(bytes)).toBe(given.includes('"aT"'));
      }),
    );
  });
});
