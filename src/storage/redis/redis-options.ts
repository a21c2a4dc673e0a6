import type { RedisOptions } from 'ioredis';

import type { RedisSection } from './redis.section.js';

/** A connection on which nothing was answered for so long is replaced. Milliseconds. */
const DEAD_AFTER_MS = 5_000;
const LONGEST_WAIT_MS = 5_000;
const FIRST_WAIT_MS = 100;

/** As the client library takes them: replies come as Redis gives them. */
type ConnectionOptions = RedisOptions & { readonly replyMapping: 'legacy' };

/** How a section is said to the client library. Nothing waits in a queue: what cannot be sent now is done without Redis. */
export function redisOptions({ url = '', commandTimeout, connectTimeout }: RedisSection): ConnectionOptions {
  return {
    ...whereabouts(url),
    replyMapping: 'legacy',
    commandTimeout,
    connectTimeout,
    socketTimeout: Math.max(DEAD_AFTER_MS, 10 * commandTimeout),
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 1,
    connectionName: 'mcp-gateway',
    // A replica that was the master until now: whoever is it today is behind the same name.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    retryStrategy: (times) =>
      Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(times, 10)) * (0.5 + Math.random() / 2),
  };
}

/** Whether a url says a password, or a user. */
export function hasCredentials(url: string): boolean {
  const { username, password } = new URL(url);
  return password !== '' || username !== '';
}

function whereabouts(url: string): RedisOptions {
  const { protocol, hostname, port, pathname, username, password } = new URL(url);
  const who = {
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
  };
  if (protocol === 'unix:') return { ...who, path: decodeURIComponent(pathname) };
  return {
    ...who,
    host: hostname.replaceAll(/^\[|\]$/g, ''),
    port: port === '' ? 6_379 : Number(port),
    db: Number(pathname.slice(1)) || 0,
    ...(protocol === 'rediss:' && { tls: {} }),
  };
}
