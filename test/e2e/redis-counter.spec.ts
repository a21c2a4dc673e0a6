import { Logger } from '@nestjs/common';

import type { Clock } from '../../src/core/clock.js';
import { MemoryRateCounter, RedisSection, type Rate, type Taken } from '../../src/storage/index.js';
import { RedisLink } from '../../src/storage/redis/redis-link.js';
import { RedisRateCounter } from '../../src/storage/redis/redis-rate-counter.js';
import { brisk } from '../support/brisk.ts';
import { ManualClock } from '../support/manual-clock.js';
import { itCountsRates } from '../support/rate-counter-contract.ts';
import { HAS_REDIS, RunningRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

/** So slow that nothing is given back while a test runs. */
const RATE: Rate = { count: 1, periodMs: 600_000, burst: 4 };

interface ProcessOptions {
  readonly now?: () => number;
  readonly commandTimeout?: number;
}

/** One process that counts in Redis. Its clock decides when Redis is tried again; nothing else is timed by it. */
class Process {
  readonly clock = new ManualClock();
  readonly told: boolean[] = [];
  readonly link: RedisLink;
  readonly counter: RedisRateCounter;

  /** Its patience is that of a test on a busy machine, unless told otherwise. */
  constructor(url: string, keyPrefix: string, { now, commandTimeout = 5_000 }: ProcessOptions = {}) {
    const section = Object.assign(new RedisSection(), { url, keyPrefix, commandTimeout });
    const clock: Clock = this.clock;
    this.link = new RedisLink(section, { clock, changed: (up) => this.told.push(up) });
    this.counter = new RedisRateCounter(this.link, new MemoryRateCounter(this.clock), now);
    void this.link.open();
  }

  take(key = 'k'): Taken | Promise<Taken> {
    return this.counter.take(key, RATE);
  }

  /** Until it counts in Redis, however often that has to be tried. */
  async up(): Promise<this> {
    await until(() => {
      this.clock.advance(2_000);
      return this.link.up;
    }, 'Redis to be used');
    return this;
  }

  async down(): Promise<void> {
    await until(() => !this.link.up, 'Redis to be given up');
  }
}

describe.skipIf(!HAS_REDIS)('a counter in Redis', () => {
  let redis: RunningRedis;
  let processes: Process[] = [];
  let count = 0;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    redis = await RunningRedis.start();
  });

  afterEach(() => {
    for (const { link } of processes.splice(0)) link.close();
  });

  afterAll(() => redis.stop());

  /** @param prefix of its own, unless it is to share one */
  async function open(prefix = `test:${count++}:`, options?: ProcessOptions): Promise<Process> {
    const process = new Process(redis.url, prefix, options);
    processes.push(process);
    return process.up();
  }

  async function passed(process: Process, times: number, key?: string): Promise<number> {
    let allowed = 0;
    for (let time = 0; time < times; time++) if ((await process.take(key)).allowed) allowed++;
    return allowed;
  }

  describe('whose time is given', () => {
    itCountsRates(async () => {
      let now = 1_800_000_000_000;
      const { counter } = await open(undefined, { now: () => now });
      return { counter, advance: (ms) => (now += ms) };
    });
  });

  it('goes by the time of Redis where none is given', async () => {
    const process = await open();
    const fast: Rate = { count: 1_000, periodMs: 1_000, burst: 2 };
    const taken = await process.counter.take('k', fast);
    expect(taken).toMatchObject({ allowed: true, remaining: 1 });
    const isBack = async () => (await process.counter.take('k', { ...fast, burst: 1 })).allowed;
    expect(await until(isBack, 'the rate to let another one in')).toBe(true);
  });

  it('counts together what two processes let through, each once', async () => {
    const [one, other] = [await open('together:'), await open('together:')];
    const all = await Promise.all(Array.from({ length: 20 }, async (_, time) => (time % 2 ? one : other).take()));
    expect(all.filter(({ allowed }) => allowed)).toHaveLength(4);
    expect(await passed(await open('apart:'), 20)).toBe(4);
  });

  it('leaves no key behind that nobody needs', async () => {
    const process = await open('ttl:');
    await process.counter.take('k', { count: 1, periodMs: 20_000, burst: 3 });
    const left = Number(await redis.say('PTTL', 'ttl:k'));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(20_000);
  });

  it('goes on when Redis has forgotten the script', async () => {
    const process = await open();
    expect(await passed(process, 2)).toBe(2);
    await redis.say('SCRIPT', 'FLUSH');
    expect(await passed(process, 3)).toBe(2);
    expect(process.told).toEqual([true]);
  });

  it('counts here what stands under a key of another type, and everything else in Redis', async () => {
    const process = await open('strange:');
    await redis.say('HSET', 'strange:k', 'a', '1');
    expect(await passed(process, 10)).toBe(4);
    expect(process.link.up).toBe(true);
    expect(await redis.say('HGET', 'strange:k', 'a')).toBe('1');
    expect(await passed(process, 10, 'other')).toBe(4);
    expect(Number(await redis.say('EXISTS', 'strange:other'))).toBe(1);
  });

  it('counts here while Redis may only be read, and there again when it may be written', async () => {
    const process = await open();
    await redis.say('REPLICAOF', '127.0.0.1', '1');
    expect(await passed(process, 10)).toBe(4);
    expect(process.link.up).toBe(false);
    expect(process.take()).not.toBeInstanceOf(Promise);
    await redis.say('REPLICAOF', 'NO', 'ONE');
    await process.up();
    expect(process.take()).toBeInstanceOf(Promise);
  });

  it('waits for a Redis that is frozen once, and not as long as anybody would notice', async () => {
    const process = await open(undefined, { commandTimeout: 100 });
    await process.take();
    redis.freeze();
    try {
      const before = performance.now();
      const waiting = Array.from({ length: 50 }, async () => process.take());
      const taken = await Promise.all(waiting);
      expect(performance.now() - before).toBeLessThan(brisk(400));
      // This process alone knows nothing of the one that was counted in Redis.
      expect(taken.filter(({ allowed }) => allowed)).toHaveLength(4);
      expect(process.take()).not.toBeInstanceOf(Promise);
      // Asked whether it is back, it is not, and nobody waits for that.
      process.clock.advance(2_000);
      expect(process.take()).not.toBeInstanceOf(Promise);
    } finally {
      redis.thaw();
    }
    await process.up();
    expect(process.take()).toBeInstanceOf(Promise);
    expect(process.told).toEqual([true, false, true]);
  });

  it('counts here when Redis is killed, and there when it is back, with nothing in it', async () => {
    const process = await open();
    expect(await passed(process, 4)).toBe(4);
    await redis.kill();
    await process.down();
    expect(process.take()).toMatchObject({ allowed: true, remaining: 3 });
    await redis.run();
    await process.up();
    expect(await passed(process, 10)).toBe(4);
  });

  it('begins without a Redis, and uses it as soon as there is one', async () => {
    await redis.kill();
    const process = new Process(redis.url, 'late:');
    processes.push(process);
    expect(process.take()).toMatchObject({ allowed: true });
    await redis.run();
    await process.up();
    expect(process.take()).toBeInstanceOf(Promise);
  });

  it('lets go of everything when it is closed, at whatever moment', async () => {
    const early = new Process(redis.url, 'early:');
    early.link.close();
    const late = await open();
    late.link.close();
    expect(late.take()).not.toBeInstanceOf(Promise);
    expect(late.clock.timers).toBe(0);
    expect(early.clock.timers).toBe(0);
  });
});
