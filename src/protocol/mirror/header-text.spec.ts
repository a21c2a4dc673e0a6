import * as fc from 'fast-check';

import { decodeHeader, encodeHeader } from './header-text.js';

describe('a text in a header', () => {
  it.each([
    ['eu', 'eu'],
    ['a b\tc', 'a b\tc'],
    ['~!"#', '~!"#'],
    ['café', '=?base64?Y2Fmw6k=?='],
    [' a', '=?base64?IGE=?='],
    ['a\t', '=?base64?YQk=?='],
    ['a\r\nb', '=?base64?YQ0KYg==?='],
    ['\u007f', '=?base64?fw==?='],
    ['', '=?base64??='],
    ['=?base64?Zm9v?=', '=?base64?PT9iYXNlNjQ/Wm05dj89?='],
    ['=?base64?=', '=?base64?PT9iYXNlNjQ/PQ==?='],
    ['=?base64?', '=?base64?'],
    ['=?BASE64?Zm9v?=', '=?BASE64?Zm9v?='],
  ])('%j is sent as %s', (text, sent) => {
    expect(encodeHeader(text)).toBe(sent);
    expect(decodeHeader(sent)).toBe(text);
  });

  it.each([
    [' eu ', 'eu'],
    ['\t=?base64?Y2Fmw6k=?= ', 'café'],
    ['=?Base64?Zm9v?=', '=?Base64?Zm9v?='],
    ['=?base64?Zm9v', '=?base64?Zm9v'],
    ['Zm9v?=', 'Zm9v?='],
    ['=?base64?77u/YQ==?=', '\u{FEFF}a'],
    ['', ''],
  ])('%j is read as %j', (sent, text) => {
    expect(decodeHeader(sent)).toBe(text);
  });

  it.each([
    '=?base64?%%%?=',
    '=?base64?Zm9?=',
    '=?base64?Zm9v=?=',
    '=?base64?Zm 9v?=',
    '=?base64?Zm-_?=',
    '=?base64?/w==?=',
  ])('%s is nothing', (sent) => {
    expect(decodeHeader(sent)).toBeUndefined();
  });

  it('comes back as it was, whatever it is', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'grapheme' }),
      fc.string().map((inside) => `=?base64?${inside}?=`),
    );
    fc.assert(
      fc.property(text, fc.constantFrom('', ' ', '\t'), (given, space) => {
        const sent = encodeHeader(given);
        expect(sent).toMatch(/^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/);
        expect(decodeHeader(`${space}${sent}${space}`)).toBe(given);
      }),
    );
  });
});
