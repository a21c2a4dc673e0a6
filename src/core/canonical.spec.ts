import * as fc from 'fast-check';

import type { JsonValue } from './json.js';
import { canonical } from './canonical.js';

const of = (text: string): string => canonical(Buffer.from(text));

/** The same value with the members of all objects in the opposite order. */
function turned(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]): [string, JsonValue] => [key, turned(each as JsonValue)]);
  return Object.fromEntries(entries.toReversed());
}

describe('a value as it is spelled in one way', () => {
  it.each([
    ['{"b":1, "a" : [ true , null,{} , [] ]}', '{"a":[true,null,{},[]],"b":1}'],
    [' "\\u0061\\/é" ', '"a/é"'],
    ['[2.0, 1e3, -0, 0.1, 1.10, 9007199254740993, 1e400]', '[2,1000,0,0.1,1.10,9007199254740993,1e400]'],
    ['{"a":2,"a":1,"\\u0061":0}', '{"a":2,"a":1,"a":0}'],
    ['{"__proto__":1,"B":2}', '{"B":2,"__proto__":1}'],
  ])('%s is %s', (text, spelled) => {
    expect(of(text)).toBe(spelled);
  });

  it('is the same, however it was written, and says the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(4), (value, space) => {
        const spelled = of(JSON.stringify(value));
        expect(of(JSON.stringify(turned(value), undefined, space))).toBe(spelled);
        expect(JSON.parse(spelled)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
