import { Global, Logger, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';

import { ManualClock } from '../../../test/support/manual-clock.js';
import { ConfigModule, ConfigService, openConfig, redactedConfig, TextSource } from '../../config/index.js';
import { CLOCK } from '../../core/clock.js';
import { Events } from '../../core/events.js';
import { RedisModule, RedisSection, SHARED_RATES, StorageModule, type RateCounter } from '../index.js';

const NOWHERE = 'unix:///nonexistent/redis.sock';
const RATE = { count: 1, periodMs: 1_000, burst: 1 };

async function start(toml: string, environment = {}) {
  const told: boolean[] = [];
  const events = new Events();
  events.on('redis.changed', ({ up }) => told.push(up));
  const ground = [
    { provide: CLOCK, useValue: new ManualClock() },
    { provide: Events, useValue: events },
  ];
  @Global()
  @Module({ providers: ground, exports: [CLOCK, Events] })
  class Ground {}
  const opened = await openConfig({ source: new TextSource(toml), sections: [RedisSection], environment });
  const built = await Test.createTestingModule({
    imports: [Ground, ConfigModule.forRoot(opened), StorageModule, RedisModule],
  }).compile();
  const warned = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
  await built.init();
  const said = warned.mock.calls.map(([text]) => String(text));
  return { built, told, said, config: built.get(ConfigService), rates: built.get<RateCounter>(SHARED_RATES) };
}

describe('the Redis of the configuration', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('is not looked for where there is none, and what is shared is counted here', async () => {
    const { built, told, rates } = await start('');
    expect(rates.take('k', RATE)).toMatchObject({ allowed: true });
    expect(told).toEqual([]);
    await built.close();
  });

  it('comes and goes with a reload, and holds up nobody who counts', async () => {
    const { built, told, rates, config } = await start('');
    await config.apply(new TextSource(`[redis]\nurl = "${NOWHERE}"`));
    expect(told).toEqual([false]);
    expect(rates.take('k', RATE)).toMatchObject({ allowed: true });
    await config.apply(new TextSource(''));
    expect(rates.take('k', RATE)).toMatchObject({ allowed: false });
    await built.close();
  });

  it('is warned of where a password stands in the file, and not where it comes from elsewhere', async () => {
    const plain = await start('[redis]\nurl = "redis://:hunter2hunter2@127.0.0.1:1"');
    const mine = (said: readonly string[]) => said.filter((text) => text.includes('holds a password'));
    expect(mine(plain.said)).toHaveLength(1);
    expect(plain.said.join()).not.toContain('hunter2');
    expect(JSON.stringify(redactedConfig(plain.config.snapshot))).not.toContain('hunter2');
    await plain.built.close();
    vi.restoreAllMocks();
    const hidden = await start('[redis]\nurl = "redis://:${PW}@127.0.0.1:1"', { PW: 'hunter2hunter2' });
    expect(mine(hidden.said)).toEqual([]);
    expect(JSON.stringify(redactedConfig(hidden.config.snapshot))).not.toContain('hunter2');
    await hidden.built.close();
  });

  it.each(['redis:/x', 'http://cache', 'cache:6379', 'redis://', 'unix://run/redis.sock'])(
    'is refused where its url is %s, without a word of what is in it',
    async (url) => {
      const { problems } = await openConfig({
        source: new TextSource(`[redis]\nurl = "${url}"`),
        sections: [RedisSection],
        environment: {},
      });
      expect(problems).toMatchObject([
        { key: 'redis.url', message: 'must begin with redis://, rediss:// or unix:///' },
      ]);
    },
  );
});
