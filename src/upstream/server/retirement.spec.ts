import { ManualClock } from '../../../test/support/manual-clock.js';
import { Retirement } from './retirement.js';

describe('a retirement', () => {
  let clock: ManualClock;
  let pending: number;
  let closed: boolean;
  let retirement: Retirement;

  beforeEach(() => {
    clock = new ManualClock();
    pending = 1;
    closed = false;
    const close = () => Promise.resolve(void (closed = true));
    retirement = new Retirement(clock, () => pending, close);
  });

  /** Lets time pass in small steps, as it does. */
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 50) {
      clock.advance(50);
      await Promise.resolve();
      await Promise.resolve();
    }
  }

  it('lets what is in flight finish, and is over soon after', async () => {
    const done = retirement.within(60_000);
    await pass(10_000);
    expect(closed).toBe(false);
    pending = 0;
    await pass(100);
    await done;

    expect(closed).toBe(true);
  });

  it('stays a moment for what is on its way', async () => {
    pending = 0;
    void retirement.within(60_000);
    await pass(200);
    expect(closed).toBe(false);
    await pass(100);

    expect(closed).toBe(true);
  });

  it('keeps to the shortest time it was given', async () => {
    const done = [retirement.within(60_000), retirement.within(1_000), retirement.within(30_000)];
    await pass(950);
    expect(closed).toBe(false);
    await pass(100);

    expect(closed).toBe(true);
    await Promise.all(done);
  });

  it('is over at once when there is no time', async () => {
    await retirement.within(0);

    expect(closed).toBe(true);
  });
});
