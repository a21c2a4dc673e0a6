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
    const bytes = Buffer.from(sealer.seal('cursor', 'b', { page: 3 }), 'base64url');

    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      expect(sealer.open('cursor', 'b', changed.toString('base64url'))).toBeUndefined();
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

  it('is not made with a short secret', () => {
    expect(() => new Sealer(randomBytes(31))).toThrow(RangeError);
  });
});
