import * as fc from 'fast-check';

import { formatDuration, parseDuration } from './duration.js';

describe('a duration', () => {
  it.each([
    [30, 30_000],
    [0.5, 500],
    [0, 0],
    ['250ms', 250],
    ['30s', 30_000],
    ['1.5m', 90_000],
    ['1h', 3_600_000],
    ['2d', 172_800_000],
  ])('reads %j as %d ms', (written, ms) => {
    expect(parseDuration(written)).toBe(ms);
  });

  it.each([
    '30',
    '-1s',
    '1 s',
    '1S',
    's',
    '',
    '1e3s',
    '.5s',
    `${'9'.repeat(400)}d`,
    -1,
    NaN,
    Infinity,
    1e308,
    null,
    true,
    {},
  ])('does not read %j', (written) => {
    expect(parseDuration(written)).toBeUndefined();
  });

  it.each([
    [0, '0ms'],
    [999, '999ms'],
    [1_500, '1500ms'],
    [60_000, '1m'],
    [86_400_000, '1d'],
  ])('writes %d ms as %s', (ms, written) => {
    expect(formatDuration(ms)).toBe(written);
  });

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});
