import { assert, constantFrom, dictionary, jsonValue, property } from 'fast-check';

import { resultTypeOf } from './result-type.js';

describe('resultTypeOf', () => {
  it.each([
    ['{}', undefined],
    ['{"resultType":"complete"}', 'complete'],
    [' {\n "resultType" :\t"task" , "a":1}', 'task'],
    ['{"resultType":"a\\"b"}', 'a"b'],
    ['{"resultType":null}', ''],
    ['{"a":"\\"resultType\\""}', undefined],
    ['{"a":{"resultType":"x"}}', undefined],
    ['{"a":{"resultType":"x"},"resultType":"complete"}', 'complete'],
    ['{"resultType":"first","resultType":"last"}', 'last'],
  ])('of %s is %s', (text, type) => {
    expect(resultTypeOf(Buffer.from(text))).toBe(type);
  });

  it('is what whoever parses the result reads', () => {
    const members = dictionary(constantFrom('resultType', 'content', 'é'), jsonValue());
    assert(
      property(members, constantFrom(0, 2), (result, indent) => {
        const type = result['resultType'];
        const read = resultTypeOf(Buffer.from(JSON.stringify(result, undefined, indent)));
        if (typeof type === 'string') expect(read).toBe(type);
        else expect(read).toBe(type === undefined ? undefined : '');
      }),
    );
  });
});
