import { Histogram } from './histogram.ts';
import { median } from './median.ts';

describe('histogram', () => {
  it('finds percentiles by nearest rank', () => {
    const histogram = recorded(0.01, 0.02, 0.03, 0.04, 0.05);

    expect(histogram.percentile(0)).toBe(10);
    expect(histogram.percentile(0.5)).toBe(30);
    expect(histogram.percentile(0.8)).toBe(40);
    expect(histogram.percentile(0.81)).toBe(50);
    expect(histogram.percentile(1)).toBe(50);
  });

  it('agrees with a sorted list', () => {
    const latencies = Array.from({ length: 1_001 }, (_, at) => (at * 7919) % 1_500);
    const histogram = recorded(...latencies);
    const sorted = latencies.toSorted((a, b) => a - b);

    for (const share of [0.001, 0.25, 0.5, 0.9, 0.99, 0.999]) {
      const expected = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
      expect(histogram.percentile(share)).toBe(expected * 1000);
    }
  });

  it('keeps latencies of seconds exact', () => {
    expect(recorded(0.5, 2_500.123, 1_000).percentile(1)).toBe(2_500_123);
    expect(recorded(0.5, 2_500.123, 1_000).percentile(0.6)).toBe(1_000_000);
  });

  it('has no percentiles while it is empty', () => {
    expect(new Histogram().percentile(0.5)).toBeNaN();
  });
});

describe('median', () => {
  it('is the middle of an odd number of values and the mean of the two middle ones of an even number', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 7])).toBe(6);
  });
});

function recorded(...latenciesMs: number[]): Histogram {
  const histogram = new Histogram();
  for (const ms of latenciesMs) histogram.record(ms);
  return histogram;
}
