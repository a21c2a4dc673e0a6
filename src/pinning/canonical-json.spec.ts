import { assert, jsonValue, property } from 'fast-check';

import type { JsonValue } from '../core/json.js';
import { canonicalJson, readableJson } from './canonical-json.js';

describe('canonical JSON', () => {
  it('is the same for the same value, however it was spelled', () => {
    const one = JSON.parse('{"b":[1.0,2e0],"a":{"z":"\\u0041","y":null}}') as JsonValue;
    expect(canonicalJson(one)).toBe('{"a":{"y":null,"z":"A"},"b":[1,2]}');
  });

  it('tells numbers that are too large from what is none', () => {
    const [large, small, none] = ['{"a":1e999}', '{"a":-1e999}', '{"a":null}'].map((text) =>
      canonicalJson(JSON.parse(text) as JsonValue),
    );
    expect([large, small, none]).toEqual(['{"a":1e999}', '{"a":-1e999}', '{"a":null}']);
  });

  it('keeps every value, short and readable', () => {
    assert(
      property(jsonValue(), (value) => {
        const parsed = JSON.parse(JSON.stringify(value)) as JsonValue;
        expect(JSON.parse(canonicalJson(parsed))).toEqual(parsed);
        expect(JSON.parse(readableJson(parsed))).toEqual(parsed);
      }),
    );
  });

  it('spells out what nobody can see', () => {
    const hidden = 'safe\u{E0041}\u202Edne\u200B\u009B';
    const text = readableJson({ description: hidden });
    expect(text).toBe('{\n  "description": "safe\\udb40\\udc41\\u202edne\\u200b\\u009b"\n}');
    expect(JSON.parse(text)).toEqual({ description: hidden });
  });
});
