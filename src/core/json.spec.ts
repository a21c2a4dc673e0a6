import * as fc from 'fast-check';

import { isObject, JsonBytes, splice } from './json.js';

describe('splice', () => {
  const bytes = Buffer.from('0123456789');

  it('replaces, inserts and deletes, in whatever order it is told', () => {
    const spliced = splice(bytes, [
      { at: [8, 9], bytes: Buffer.from('eight') },
      { at: [0, 0], bytes: Buffer.from('>') },
      { at: [3, 5], bytes: Buffer.alloc(0) },
      { at: [10, 10], bytes: Buffer.from('<') },
    ]);

    expect(spliced.toString()).toBe('>012567eight9<');
    expect(bytes.toString()).toBe('0123456789');
  });

  it('copies when there is nothing to do', () => {
    expect(splice(bytes, [])).toEqual(bytes);
  });

  it('does what cutting and joining text does', () => {
    const cuts = fc
      .uniqueArray(fc.nat({ max: 30 }), { minLength: 4, maxLength: 4 })
      .map((at) => at.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 30, maxLength: 30 }),
        cuts,
        fc.uint8Array(),
        (source, [a, b, c, d], more) => {
          const text = Buffer.from(source).toString('latin1');
          const put = Buffer.from(more).toString('latin1');
          const spliced = splice(Buffer.from(source), [
            { at: [c as number, d as number], bytes: Buffer.from(more) },
            { at: [a as number, b as number], bytes: Buffer.from(more) },
          ]);
          expect(spliced.toString('latin1')).toBe(text.slice(0, a) + put + text.slice(b, c) + put + text.slice(d));
        },
      ),
    );
  });
});

describe('JSON bytes', () => {
  it('are parsed once, and only when somebody asks', () => {
    const parse = vi.spyOn(JSON, 'parse');
    const json = new JsonBytes(Buffer.from('{"a":1.0}'));
    expect(parse).not.toHaveBeenCalled();

    expect(json.parse()).toBe(json.parse());

    expect(parse).toHaveBeenCalledOnce();
    expect(json.bytes.toString()).toBe('{"a":1.0}');
    parse.mockRestore();
  });

  it('of a value are never parsed', () => {
    const value = { a: 1 };

    expect(JsonBytes.of(value).parse()).toBe(value);
    expect(JsonBytes.of(value).bytes.toString()).toBe('{"a":1}');
  });

  it.each(['[1]', 'null', '"x"', '1'])('that are %s are an empty object to whoever wants one', (text) => {
    expect(new JsonBytes(Buffer.from(text)).object()).toEqual({});
  });
});

describe('isObject', () => {
  it('knows objects from everything else', () => {
    expect(isObject({})).toBe(true);
    expect([null, [], 'x', 1, undefined].some(isObject)).toBe(false);
  });
});
