import type { ServerSettings } from '../../src/upstream/server-settings.js';

/** Settings of one server as a configuration with nothing but defaults would have them, but for the era: of a legacy one. */
export function settingsWith(changed: Partial<ServerSettings>): ServerSettings {
  return {
    group: 'test',
    id: 'test-1',
    url: undefined,
    transport: 'auto',
    era: 'legacy',
    command: undefined,
    args: [],
    env: {},
    cwd: undefined,
    headers: {},
    forwardHeaders: [],
    oauth: undefined,
    tlsOptions: undefined,
    client: { name: 'gateway', version: '1' },
    connectTimeout: 2_000,
    initializeTimeout: 10_000,
    maxMessageBytes: 16 * 1_024 * 1_024,
    maxInFlight: 1_024,
    maxConnections: 128,
    maxIdle: 32,
    maxSessions: 1_024,
    sessionIdleTimeout: 1_800_000,
    maxChildren: 64,
    maxStreams: 1_024,
    reconnect: { min: 20, max: 200 },
    healthCheck: {
      enabled: false,
      interval: 15_000,
      timeout: 5_000,
      unhealthyThreshold: 3,
      healthyThreshold: 2,
      jitter: 0.2,
    },
    circuitBreaker: { enabled: true, failureThreshold: 5, openDuration: 5_000, maxOpenDuration: 60_000, jitter: 0.2 },
    ...changed,
  };
}
