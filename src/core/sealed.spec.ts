import { randomBytes } from 'node:crypto';

import * as fc from 'fast-check';

import type { JsonObject } from './json.js';
import { Sealer } from './sealed.js';

const sealer = new Sealer(randomBytes(32));
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const value = fc
  .dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true })
  .map((members) => JSON.parse(JSON.stringify(members)) as JsonObject);

describe('a sealed value', () => {
  it('opens to what was sealed', () => {
    fc.assert(
      fc.property(value, fc.string(), (sealed, binding) => {
        expect(sealer.open('cursor', binding, sealer.seal('cursor', binding, sealed))).toEqual(sealed);
      }),
    );
  });

  it('opens with every sealer of the same secret, and with no other', () => {
    const secret = randomBytes(40);
    const sealed = new Sealer(secret).seal('session', 'b', { a: 1 });

    expect(new Sealer(secret).open('session', 'b', sealed)).toEqual({ a: 1 });
    expect(sealer.open('session', 'b', sealed)).toBeUndefined();
  });

  it('does not open as another kind, or for anybody else', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (binding, other) => {
        fc.pre(binding !== other);
        const sealed = sealer.seal('cursor', binding, {});
        expect(sealer.open('session', binding, sealed)).toBeUndefined();
        expect(sealer.open('cursor', other, sealed)).toBeUndefined();
      }),
    );
  });

  it('does not open when any one byte of it was changed', () => {
    const sealed = sealer.seal('cursor', 'b', { page: 3 });
    const named = sealed.slice(0, sealed.lastIndexOf('.') + 1);
    const bytes = Buffer.from(sealed.slice(named.length), 'base64url');

    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      expect(sealer.open('cursor', 'b', named + changed.toString('base64url'))).toBeUndefined();
    }
  });

  it('does not open when any one character of it was changed', () => {
    const sealed = sealer.seal('cursor', 'b', { page: 3 });

    for (let at = 0; at < sealed.length; at++) {
      for (const character of ALPHABET) {
        if (sealed[at] === character) continue;
        expect(sealer.open('cursor', 'b', sealed.slice(0, at) + character + sealed.slice(at + 1))).toBeUndefined();
      }
    }
  });

  it.each(['A', '=', '==', ' ', '\n', '.', '%00', '\u0000'])('does not open with %j appended', (more) => {
    expect(sealer.open('cursor', 'b', sealer.seal('cursor', 'b', {}) + more)).toBeUndefined();
  });

  it('does not open when it is cut short, or is anything at all', () => {
    const sealed = sealer.seal('cursor', 'b', { a: 1 });

    for (let length = 0; length < sealed.length; length++) {
      expect(sealer.open('cursor', 'b', sealed.slice(0, length))).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(sealer.open('cursor', 'b', text)).toBeUndefined();
      }),
    );
  });

  it('never looks the same twice', () => {
    expect(sealer.seal('cursor', 'b', {})).not.toBe(sealer.seal('cursor', 'b', {}));
  });

  it('looks the same every time where that is asked for, with every sealer of the same secret', () => {
    const secret = randomBytes(32);

    fc.assert(
      fc.property(value, fc.string(), (sealed, binding) => {
        const once = new Sealer(secret).sealSame('task', binding, sealed);
        expect(new Sealer(secret).sealSame('task', binding, sealed)).toBe(once);
        expect(new Sealer(secret).open('task', binding, once)).toEqual(sealed);
      }),
    );
  });

  it('looks different, and has another vector, for every other value, binding and kind', () => {
    const seals = [
      sealer.sealSame('task', 'b', { a: 1 }),
      sealer.sealSame('task', 'b', { a: 2 }),
      sealer.sealSame('task', 'c', { a: 1 }),
      sealer.sealSame('task', 'b","', { a: 1 }),
      sealer.sealSame('cursor', 'b', { a: 1 }),
    ];

    expect(new Set(seals.map((sealed) => sealed.slice(0, sealed.lastIndexOf('.') + 17))).size).toBe(seals.length);
    expect(sealer.open('cursor', 'b', seals[0] as string)).toBeUndefined();
    expect(sealer.open('task', 'c', seals[0] as string)).toBeUndefined();
  });

  it('is not made with a short secret, or none', () => {
    expect(() => new Sealer(randomBytes(31))).toThrow(RangeError);
    expect(() => new Sealer(randomBytes(32), randomBytes(31))).toThrow(RangeError);
    expect(() => new Sealer()).toThrow(RangeError);
  });
});

describe('keys that change', () => {
  const [old, young] = [randomBytes(32), randomBytes(32)];

  it('open what was sealed before for as long as its key is listed', () => {
    const changing = new Sealer(old);
    const before = changing.seal('session', 'b', { a: 1 });
    changing.changeSecrets(young, old);
    const after = changing.seal('session', 'b', { a: 2 });

    expect(changing.open('session', 'b', before)).toEqual({ a: 1 });
    expect(changing.open('session', 'b', after)).toEqual({ a: 2 });
    expect(new Sealer(young).open('session', 'b', after)).toEqual({ a: 2 });

    changing.changeSecrets(young);
    expect(changing.open('session', 'b', before)).toBeUndefined();
    expect([changing.hasKeyOf(before), changing.hasKeyOf(after)]).toEqual([false, true]);
  });

  it('are named alike in every process, whatever their place', () => {
    const keyOf = (sealed: string) => sealed.split('.')[1];
    const name = keyOf(new Sealer(old, young).seal('cursor', 'b', {}));

    expect(name).toMatch(/^[\w-]{8}$/);
    expect(keyOf(new Sealer(old).sealSame('task', 'b', {}))).toBe(name);
    expect(keyOf(new Sealer(young, old).seal('cursor', 'b', {}))).not.toBe(name);
  });

  it('do not open one what another sealed', () => {
    const both = new Sealer(old, young);
    const [, , body] = both.seal('cursor', 'b', {}).split('.');
    const [, other] = new Sealer(young).seal('cursor', 'b', {}).split('.');

    expect(both.open('cursor', 'b', `gw1.${other}.${body}`)).toBeUndefined();
  });
});
