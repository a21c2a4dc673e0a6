import type { Rate, RateCounter } from '../../src/storage/index.js';

/** A counter, and time as it sees it. */
export interface CounterUnderTest {
  readonly counter: RateCounter;
  /** Milliseconds. */
  advance(ms: number): void;
}

/** One in ten seconds, three at once: a store that forgets by a clock of its own does not do so while a test runs. */
const RATE: Rate = { count: 10, periodMs: 100_000, burst: 3 };

/** What every counter does, wherever it keeps its counts. */
export function itCountsRates(open: () => CounterUnderTest | Promise<CounterUnderTest>): void {
  let under: CounterUnderTest;

  beforeEach(async () => {
    under = await open();
  });

  async function take(key: string, rate = RATE, cost?: number) {
    return under.counter.take(key, rate, cost);
  }

  async function outcomes(key: string, times: number, rate = RATE): Promise<boolean[]> {
    const allowed: boolean[] = [];
    for (let time = 0; time < times; time++) allowed.push((await take(key, rate)).allowed);
    return allowed;
  }

  it('lets a burst in and tells what is left of it', async () => {
    expect(await take('a')).toMatchObject({ allowed: true, remaining: 2, retryAfterMs: 0, resetAfterMs: 10_000 });
    expect(await take('a')).toMatchObject({ allowed: true, remaining: 1, retryAfterMs: 0, resetAfterMs: 20_000 });
    expect(await take('a')).toMatchObject({ allowed: true, remaining: 0, retryAfterMs: 0, resetAfterMs: 30_000 });
  });

  it('says how long whoever is too early has to wait, and counts nothing for it', async () => {
    await outcomes('a', 3);
    const refused = { allowed: false, remaining: 0, retryAfterMs: 10_000, resetAfterMs: 30_000 };
    expect(await take('a')).toEqual(refused);
    expect(await take('a')).toEqual(refused);
    under.advance(9_999);
    expect(await take('a')).toMatchObject({ allowed: false, retryAfterMs: 1 });
    under.advance(1);
    expect(await outcomes('a', 2)).toEqual([true, false]);
  });

  it('has forgotten everything when the burst has had its time', async () => {
    await outcomes('a', 3);
    under.advance(30_000);
    expect(await outcomes('a', 4)).toEqual([true, true, true, false]);
  });

  it('counts each key for itself, whatever it is called', async () => {
    for (const key of ['a', 'b', '', '__proto__', 'constructor', 'a:b\r\n', '鍵']) {
      expect(await outcomes(key, 4)).toEqual([true, true, true, false]);
    }
  });

  it('counts several for one where that is what it costs', async () => {
    expect(await take('a', RATE, 2)).toMatchObject({ allowed: true, remaining: 1 });
    expect(await take('a', RATE, 2)).toMatchObject({ allowed: false, remaining: 1, retryAfterMs: 10_000 });
    expect(await take('a', RATE, 1)).toMatchObject({ allowed: true, remaining: 0 });
  });

  it('cuts a debt of a slower rate down to what the new one knows', async () => {
    await outcomes('a', 3, { count: 1, periodMs: 600_000, burst: 3 });
    expect(await take('a')).toMatchObject({ allowed: false, retryAfterMs: 10_000 });
  });

  it('takes rates that are no whole number', async () => {
    const slow: Rate = { count: 0.5, periodMs: 10_000, burst: 1 };
    expect(await take('a', slow)).toMatchObject({ allowed: true, resetAfterMs: 20_000 });
    expect(await take('a', slow)).toMatchObject({ allowed: false, retryAfterMs: 20_000 });
  });
}
