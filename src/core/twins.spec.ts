import { assert, jsonValue, property } from 'fast-check';

import { hasTwins } from './twins.js';

const of = (text: string): boolean => hasTwins(Buffer.from(text));

describe('keys that stand twice', () => {
  it.each([
    '{"a":1,"a":2}',
    '{"a":{"b":[{"c":1,"c":1}]}}',
    '{"a":1,"\\u0061":2}',
    '[{"x":[1,2]},{"x":{},"y":"}","x":1}]',
    '{"__proto__":1,"__proto__":2}',
    '{ "a" : 1 ,\n "a" : 2 }',
  ])('are found in %s', (text) => {
    expect(of(text)).toBe(true);
  });

  it.each(['{}', '[]', '1', '"a:a"', '{"a":"a","b":{"a":1}}', '[{"a":1},{"a":1}]', '{"a":"\\"a\\":1,\\"a\\":2"}'])(
    'are not seen where there are none: %s',
    (text) => {
      expect(of(text)).toBe(false);
    },
  );

  it('are never in what a serializer of objects wrote', () => {
    assert(property(jsonValue(), (value) => !of(JSON.stringify(value, undefined, 1))));
  });
});
