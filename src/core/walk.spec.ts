import * as fc from 'fast-check';

import { elements, members, objectOf, stringAt, valuesOf } from './walk.js';

const text = (bytes: Buffer, [start, end]: readonly [number, number]) => bytes.toString('utf8', start, end);

describe('walking JSON bytes', () => {
  it('finds the members of any object and the elements of any array', () => {
    // JSON has no negative zero.
    const value = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as fc.JsonValue);
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const bytes = Buffer.from(JSON.stringify(value, null, indent));
        if (Array.isArray(value)) {
          expect(elements(bytes, 0).map((span) => JSON.parse(text(bytes, span)) as unknown)).toEqual(value);
        } else if (typeof value === 'object' && value !== null) {
          const found = members(bytes).map(({ key, value }) => [key, JSON.parse(text(bytes, value)) as unknown]);
          expect(found).toEqual(Object.entries(value));
        } else {
          expect([members(bytes), elements(bytes, 0)]).toEqual([[], []]);
        }
      }),
    );
  });

  it('reads escaped keys and strings that end in backslashes', () => {
    const bytes = Buffer.from('{ "\\u0075ri" : "a\\\\" , "b\\"":"\\\\\\"" }');
    expect(members(bytes).map(({ key }) => key)).toEqual(['uri', 'b"']);
    expect(members(bytes).map(({ value }) => stringAt(bytes, value))).toEqual(['a\\', '\\"']);
  });

  it('tells every member of a repeated name', () => {
    const bytes = Buffer.from('{"a":1,"b":{"a":2},"a":[3]}');
    expect(valuesOf(bytes, 'a').map((span) => text(bytes, span))).toEqual(['1', '[3]']);
  });

  it('says when the bytes end too early', () => {
    expect(() => members(Buffer.from('{"a'))).toThrow(RangeError);
    expect(() => members(Buffer.from('{"a":[1'))).toThrow(RangeError);
  });

  it('puts members together again as they stand', () => {
    const bytes = Buffer.from('{ "a" : 1.0 , "\\u0062":{ "a" : 2 } ,"c":"3" }');
    const all = members(bytes);
    expect(objectOf(bytes, all).toString()).toBe('{"a" : 1.0,"\\u0062":{ "a" : 2 },"c":"3"}');
    expect(objectOf(bytes, all.slice(1, 2), '"x":0').toString()).toBe('{"x":0,"\\u0062":{ "a" : 2 }}');
    expect([objectOf(bytes, [], '"x":0').toString(), objectOf(bytes, []).toString()]).toEqual(['{"x":0}', '{}']);
  });
});
