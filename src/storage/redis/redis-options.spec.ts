import { RedisSection } from './redis.section.js';
import { hasCredentials, redisOptions } from './redis-options.js';

const of = (url: string) => redisOptions(Object.assign(new RedisSection(), { url }));

describe('how Redis is connected to', () => {
  it.each([
    ['redis://cache', { host: 'cache', port: 6_379, db: 0 }],
    ['redis://127.0.0.1:7000/3', { host: '127.0.0.1', port: 7_000, db: 3 }],
    ['redis://[::1]:7000', { host: '::1', port: 7_000 }],
    ['redis://:p%40ss@cache', { password: 'p@ss' }],
    ['redis://user:pw@cache', { username: 'user', password: 'pw' }],
    ['rediss://cache:6380', { host: 'cache', port: 6_380, tls: {} }],
    ['unix:///run/redis.sock', { path: '/run/redis.sock' }],
  ])('follows from %s', (url, options) => {
    expect(of(url)).toMatchObject(options);
  });

  it('is without TLS, a user or a password where the url says nothing of them', () => {
    for (const key of ['tls', 'username', 'password']) expect(of('redis://cache')).not.toHaveProperty(key);
  });

  it('never waits: no queue, one retry, and the time-outs of the section', () => {
    expect(of('redis://cache')).toMatchObject({
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 1,
      commandTimeout: 100,
      connectTimeout: 2_000,
    });
  });

  it('tries again later and later, and never stops', () => {
    const { retryStrategy } = of('redis://cache');
    for (const times of [1, 5, 50, 5_000]) {
      const wait = retryStrategy?.(times);
      expect(wait).toBeGreaterThan(50);
      expect(wait).toBeLessThanOrEqual(5_000);
    }
  });

  it('knows a url that holds a secret', () => {
    expect(['redis://cache', 'redis://:pw@cache', 'redis://u@cache'].map(hasCredentials)).toEqual([false, true, true]);
  });
});
