import { systemClock } from './system-clock.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Keeps the event loop busy until the clock has moved. */
function work(): void {
  const start = systemClock.now();
  while (systemClock.now() - start < 2);
}

describe('the clock of the machine', () => {
  it('stands still for those who ask for the time of a turn, and for nobody else', async () => {
    const first = systemClock.turn();
    const exact = systemClock.now();
    work();
    await Promise.resolve();
    expect(systemClock.turn()).toBe(first);
    expect(systemClock.now()).toBeGreaterThan(exact);
  });

  it('goes on with the next turn', async () => {
    const first = systemClock.turn();
    work();
    await turn();
    expect(systemClock.turn()).toBeGreaterThanOrEqual(first + 2);
  });

  it('is never ahead of itself, and never goes back', async () => {
    let last = 0;
    for (let n = 0; n < 50; n++) {
      const now = systemClock.turn();
      expect(now).toBeLessThanOrEqual(systemClock.now());
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
      if (n % 3 === 0) await turn();
    }
  });

  it('is right after a turn in which nobody asked', async () => {
    await turn();
    const before = systemClock.now();
    expect(systemClock.turn()).toBeGreaterThanOrEqual(before);
  });
});
