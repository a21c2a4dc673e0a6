import type { BreakerState } from '../../core/server-state.js';
import { Breaker } from './breaker.js';

describe('Breaker', () => {
  const SETTINGS = { enabled: true, failureThreshold: 3, openDuration: 5_000, maxOpenDuration: 60_000, jitter: 0 };
  let states: BreakerState['kind'][];
  let breaker: Breaker;

  beforeEach(() => {
    states = [];
    breaker = new Breaker(SETTINGS, ({ kind }) => states.push(kind));
  });

  function fail(times: number, now = 0): void {
    for (let n = 0; n < times; n++) breaker.fail(now);
  }

  it('opens after so many failures in a row', () => {
    fail(2);
    expect(breaker.offers(0)).toBe(true);

    fail(1);

    expect(breaker.offers(0)).toBe(false);
    expect(breaker.state).toEqual({ kind: 'open', until: 5_000 });
  });

  it('starts counting again after a success', () => {
    fail(2);
    breaker.succeed();
    fail(2);

    expect(breaker.state.kind).toBe('closed');
  });

  it('lets one trial through when its time is over', () => {
    fail(3);

    expect(breaker.offers(4_999)).toBe(false);
    expect(breaker.offers(5_000)).toBe(true);
    breaker.begin();
    expect(breaker.offers(5_001)).toBe(false);
  });

  it('closes when the trial succeeds, and says every step', () => {
    fail(3);
    breaker.offers(5_000);
    breaker.begin();
    breaker.succeed();

    expect(states).toEqual(['open', 'half_open', 'half_open', 'closed']);
  });

  it('stays open for twice as long with every trial that fails, up to a maximum', () => {
    let now = 0;
    fail(3, now);
    const spans: number[] = [];

    for (let round = 0; round < 6; round++) {
      const { until } = breaker.state as Extract<BreakerState, { kind: 'open' }>;
      spans.push(until - now);
      now = until;
      breaker.offers(now);
      breaker.begin();
      breaker.fail(now);
    }

    expect(spans).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  it('gives the trial to the next request when the first was cancelled', () => {
    fail(3);
    breaker.offers(5_000);
    breaker.begin();
    breaker.forgo();

    expect(breaker.offers(5_000)).toBe(true);
  });

  it('is not impressed by late news of requests from before it opened', () => {
    fail(3);
    breaker.succeed();
    fail(5, 4_000);

    expect(breaker.state).toEqual({ kind: 'open', until: 5_000 });
  });

  it('varies how long it stays open', () => {
    const early = new Breaker({ ...SETTINGS, jitter: 0.2 }, undefined, () => 0);
    for (let n = 0; n < 3; n++) early.fail(0);

    expect(early.state).toEqual({ kind: 'open', until: 4_000 });
  });

  it('never opens when it is disabled', () => {
    const disabled = new Breaker({ ...SETTINGS, enabled: false });
    for (let n = 0; n < 50; n++) disabled.fail(0);

    expect(disabled.offers(0)).toBe(true);
  });
});
