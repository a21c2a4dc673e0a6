import * as fc from 'fast-check';

import type { Freshness } from '../../core/message.js';
import { members } from '../../core/walk.js';
import { confined, LONGEST_TTL_MS, mergedFreshness, readFreshness, remaining, shorter, STALE } from './freshness.js';

const scope = fc.constantFrom('public' as const, 'private' as const);
const freshness: fc.Arbitrary<Freshness> = fc.record({ ttlMs: fc.nat(), scope });

function read(text: string) {
  const bytes = Buffer.from(text);
  return readFreshness(bytes, members(bytes));
}

describe('what a server says of freshness', () => {
  it('is taken as it is said', () => {
    expect(read('{"ttlMs":1500,"cacheScope":"public"}')).toMatchObject({ ttlMs: 1_500, scope: 'public', isLax: false });
    expect(read('{"ttlMs":0,"cacheScope":"private"}')).toMatchObject({ ttlMs: 0, scope: 'private', isLax: false });
    expect(read('{"ttlMs":1.5e3,"cacheScope":"private"}')).toMatchObject({ ttlMs: 1_500, isLax: false });
  });

  it('is the least there is where it is left out or wrong, and that is told', () => {
    const wrong = ['{}', '{"ttlMs":-1}', '{"ttlMs":"9"}', '{"ttlMs":null,"cacheScope":"all"}', '{"ttlMs":[5]}'];
    for (const text of wrong) expect(read(text)).toMatchObject({ ...STALE, isLax: true });
    expect(read('{"ttlMs":5}')).toMatchObject({ ttlMs: 5, scope: 'private', isLax: true });
    expect(read('{"cacheScope":"public"}')).toMatchObject({ ttlMs: 0, scope: 'public', isLax: true });
  });

  it('is never believed for longer than an hour', () => {
    for (const ttl of ['86400000', '1e400']) {
      expect(read(`{"ttlMs":${ttl},"cacheScope":"public"}`)).toMatchObject({ ttlMs: LONGEST_TTL_MS, isLax: false });
    }
  });

  it('is what it says last', () => {
    expect(read('{"ttlMs":1,"cacheScope":"public","ttlMs":2}')).toMatchObject({ ttlMs: 2, at: [41, 42] });
  });
});

describe('the freshness of what is made of several parts', () => {
  it('is never longer than that of any, and public only where all are', () => {
    fc.assert(
      fc.property(fc.array(freshness, { minLength: 1 }), (parts) => {
        const merged = mergedFreshness(parts);
        for (const part of parts) expect(merged.ttlMs).toBeLessThanOrEqual(part.ttlMs);
        expect(parts.some(({ ttlMs }) => ttlMs === merged.ttlMs)).toBe(true);
        expect(merged.scope === 'private').toBe(parts.some((part) => part.scope === 'private'));
      }),
    );
  });

  it('is nothing where there are no parts', () => {
    expect(mergedFreshness([])).toEqual(STALE);
  });

  it('runs out with whichever ends first, and is never less than nothing', () => {
    const lifetime = fc.record({ until: fc.double({ min: 0, max: 1e9, noNaN: true }), scope });
    fc.assert(
      fc.property(lifetime, lifetime, fc.double({ min: 0, max: 1e9, noNaN: true }), (one, other, now) => {
        const both = remaining(shorter(one, other), now);
        expect(both).toEqual(mergedFreshness([remaining(one, now), remaining(other, now)]));
        expect(both.ttlMs).toBeGreaterThanOrEqual(0);
        expect(Number.isInteger(both.ttlMs)).toBe(true);
      }),
    );
  });

  it('is for one client alone unless it may be for everybody', () => {
    expect(confined({ ttlMs: 5, scope: 'public' }, false)).toEqual({ ttlMs: 5, scope: 'private' });
    expect(confined({ ttlMs: 5, scope: 'public' }, true)).toEqual({ ttlMs: 5, scope: 'public' });
    expect(confined({ ttlMs: 5, scope: 'private' }, true)).toEqual({ ttlMs: 5, scope: 'private' });
  });
});
