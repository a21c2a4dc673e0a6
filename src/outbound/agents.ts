import { Agent } from 'undici';

import { guardedConnector } from './guarded-connector.js';
import type { Networks } from './networks.js';
import type { Resolver } from './resolver.js';

// The whole request has one deadline, so none of its parts needs another.
const AGENT = { connections: 16, headersTimeout: 0, bodyTimeout: 0, allowH2: false } as const;
const CONNECT_MS = 30_000;

/** The connections to addresses that stand in the configuration file, and those to all others. */
export class Agents {
  readonly trusted: Agent;
  /** A connection for each request, so that none is used that was judged at another time. */
  readonly guarded: Agent;

  constructor(networks: () => Networks, resolve: Resolver) {
    this.trusted = new Agent({
      ...AGENT,
      connect: { timeout: CONNECT_MS, rejectUnauthorized: true, allowH2: false },
    });
    this.guarded = new Agent({ ...AGENT, pipelining: 0, connect: guardedConnector(networks, resolve, CONNECT_MS) });
  }

  async close(): Promise<void> {
    await Promise.all([this.trusted.destroy(), this.guarded.destroy()]);
  }
}
