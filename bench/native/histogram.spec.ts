import { execFileSync } from 'node:child_process';

import { array, assert, nat, oneof, property } from 'fast-check';

import { nativeProgram, nativeRefusal } from './build.ts';

const refusal = nativeRefusal();
const SHARES = [0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1];

/** What the histogram says of latencies in nanoseconds, in nanoseconds. */
function percentiles(latencies: readonly number[]): number[] {
  const printed = execFileSync(nativeProgram('percentiles'), SHARES.map(String), { input: latencies.join('\n') });
  return printed
    .toString()
    .trim()
    .split('\n')
    .map((us) => Math.round(Number(us) * 1_000));
}

describe.skipIf(refusal)(
  `the histogram of the load generator${refusal === undefined ? '' : `, not tested: ${refusal}`}`,
  () => {
    it('is at most 0.8 % above a sorted list, and never below it', () => {
      const latency = oneof(nat(300), nat(2_000_000), nat(2_000_000_000));

      assert(
        property(array(latency, { minLength: 1, maxLength: 400 }), (latencies) => {
          const sorted = latencies.toSorted((a, b) => a - b);
          const found = percentiles(latencies);
          for (const [at, share] of SHARES.entries()) {
            const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? Number.NaN;
            expect(found[at]).toBeGreaterThanOrEqual(exact);
            expect(found[at]).toBeLessThanOrEqual(Math.ceil(exact * 1.008));
          }
        }),
        { numRuns: 40 },
      );
    });

    it('knows the greatest exactly, and nothing of nothing', () => {
      expect(percentiles([5, 123_456_789]).at(-1)).toBe(123_456_789);
      expect(percentiles([])).toEqual(SHARES.map(() => 0));
    });
  },
);
