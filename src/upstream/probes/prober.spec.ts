import { ManualClock } from '../../../test/support/manual-clock.js';
import { Prober } from './prober.js';

describe('Prober', () => {
  const SETTINGS = {
    enabled: true,
    interval: 1_000,
    timeout: 100,
    unhealthyThreshold: 2,
    healthyThreshold: 1,
    jitter: 0.2,
  };
  let clock: ManualClock;
  let answers: boolean[];
  let deadlines: number[];
  let verdicts: boolean[];
  let heard: number;

  const server = {
    probe: async (deadline: number) => {
      deadlines.push(deadline);
      return answers.shift() ?? true;
    },
    probed: () => heard++,
    judged: (healthy: boolean) => verdicts.push(healthy),
  };

  beforeEach(() => {
    clock = new ManualClock();
    answers = [];
    deadlines = [];
    verdicts = [];
    heard = 0;
  });

  async function run(prober: Prober, rounds: number, every = 1_000): Promise<void> {
    prober.start();
    for (let round = 0; round < rounds; round++) {
      clock.advance(every);
      await Promise.resolve();
      await Promise.resolve();
    }
  }

  it('asks at every interval, and waits for an answer as long as it may take', async () => {
    await run(new Prober(SETTINGS, clock, server, () => 0.5), 3);

    expect(deadlines).toEqual([1_100, 2_100, 3_100]);
    expect(heard).toBe(3);
  });

  it('tells only when the verdict changes', async () => {
    answers = [true, false, true, false, false, false, true];
    await run(new Prober(SETTINGS, clock, server, () => 0.5), 7);

    expect(verdicts).toEqual([false, true]);
  });

  it('varies the interval', async () => {
    await run(new Prober(SETTINGS, clock, server, () => 0), 1, 800);

    expect(deadlines).toEqual([900]);
  });

  it('asks at once when told to hurry, once, and goes on from there', async () => {
    const prober = new Prober(SETTINGS, clock, server, () => 0.5);
    prober.start();
    clock.advance(300);
    prober.hurry();
    prober.hurry();
    await Promise.resolve();
    await Promise.resolve();
    clock.advance(999);
    expect(deadlines).toEqual([400]);
    clock.advance(1);

    expect(deadlines).toEqual([400, 1_400]);
  });

  it('asks nothing once it is stopped, nor when it is disabled', async () => {
    const prober = new Prober(SETTINGS, clock, server);
    prober.start();
    prober.stop();
    await run(new Prober({ ...SETTINGS, enabled: false }, clock, server), 3);

    expect(deadlines).toEqual([]);
    expect(clock.timers).toBe(0);
  });
});
