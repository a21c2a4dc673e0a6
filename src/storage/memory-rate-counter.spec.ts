import { ManualClock } from '../../test/support/manual-clock.js';
import { itCountsRates } from '../../test/support/rate-counter-contract.js';
import { MemoryRateCounter } from './memory-rate-counter.js';
import type { Rate } from './rate-counter.js';

const RATE: Rate = { count: 10, periodMs: 1_000, burst: 3 };

describe('a counter in memory', () => {
  itCountsRates(() => {
    const clock = new ManualClock();
    return { counter: new MemoryRateCounter(clock), advance: (ms) => clock.advance(ms) };
  });

  it('answers at once, without a promise and without a timer', () => {
    const clock = new ManualClock();
    expect(new MemoryRateCounter(clock).take('a', RATE)).not.toBeInstanceOf(Promise);
    expect(clock.timers).toBe(0);
  });

  it('never holds more keys than its bound', () => {
    const counter = new MemoryRateCounter(new ManualClock(), 32);
    for (let key = 0; key < 1_000; key++) counter.take(`k${key}`, RATE);
    expect(counter.size).toBeLessThanOrEqual(32);
  });

  it('drops keys that owe nothing any more before any that do', () => {
    const clock = new ManualClock();
    const counter = new MemoryRateCounter(clock, 32);
    for (let time = 0; time < 4; time++) counter.take('noisy', RATE);
    for (let key = 0; key < 31; key++) counter.take(`quiet${key}`, RATE);
    clock.advance(150);
    counter.take('new', RATE);
    expect(counter.size).toBe(2);
    expect(counter.take('noisy', RATE)).toMatchObject({ allowed: true, remaining: 0 });
    expect(counter.take('noisy', RATE)).toMatchObject({ allowed: false });
  });

  it('drops those that came first where all of them owe something', () => {
    const counter = new MemoryRateCounter(new ManualClock(), 32);
    const drain = (key: string) => Array.from({ length: 4 }, () => counter.take(key, RATE).allowed).at(-1);
    for (let key = 0; key < 33; key++) expect(drain(`k${key}`)).toBe(false);
    expect(counter.size).toBe(31);
    expect(counter.take('k32', RATE).allowed).toBe(false);
    expect(counter.take('k2', RATE).allowed).toBe(false);
    expect(counter.take('k0', RATE).allowed).toBe(true);
  });

  it('takes well under a microsecond', () => {
    const counter = new MemoryRateCounter({ now: () => performance.now() });
    const keys = Array.from({ length: 1_000 }, (_, index) => `client ${index}`);
    const rounds = 300_000;
    for (let round = 0; round < rounds; round++) counter.take(keys[round % 1_000]!, RATE);
    const before = performance.now();
    for (let round = 0; round < rounds; round++) counter.take(keys[round % 1_000]!, RATE);
    const microseconds = ((performance.now() - before) * 1_000) / rounds;
    console.info(`a counter in memory: ${microseconds.toFixed(3)} µs each`);
    expect(microseconds).toBeLessThan(5);
  });
});
