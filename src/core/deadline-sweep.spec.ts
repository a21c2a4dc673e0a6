import { ManualClock } from '../../test/support/manual-clock.js';
import { DeadlineSweep } from './deadline-sweep.js';

describe('DeadlineSweep', () => {
  it('ends each of many at its own deadline, with one timer', () => {
    const clock = new ManualClock();
    const waiting = new Set<{ deadline: number }>();
    const ended: number[] = [];
    const sweep = new DeadlineSweep(
      clock,
      () => waiting,
      (late) => {
        waiting.delete(late);
        ended.push(late.deadline);
      },
    );
    for (const deadline of [50, 20, 80, 20, 10]) {
      waiting.add({ deadline });
      sweep.watch(deadline);
    }
    expect(clock.timers).toBe(1);

    clock.advance(20);
    expect(ended.toSorted((a, b) => a - b)).toEqual([10, 20, 20]);
    clock.advance(100);
    expect(ended.slice(3)).toEqual([50, 80]);
    expect(clock.timers).toBe(0);
  });

  it('gives everybody the grace it was made with', () => {
    const clock = new ManualClock();
    const waiting = new Set([{ deadline: 10 }]);
    const sweep = new DeadlineSweep(
      clock,
      () => waiting,
      (late) => waiting.delete(late),
      5,
    );
    sweep.watch(10);

    clock.advance(14);
    expect(waiting.size).toBe(1);
    clock.advance(1);
    expect(waiting.size).toBe(0);
  });

  it('is at rest when nobody waits any more', () => {
    const clock = new ManualClock();
    const sweep = new DeadlineSweep(
      clock,
      () => [],
      () => undefined,
    );
    sweep.watch(10);
    clock.advance(10);

    expect(clock.timers).toBe(0);
  });
});
