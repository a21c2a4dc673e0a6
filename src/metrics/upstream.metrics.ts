import { Inject, Injectable, type Provider } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';

import { Events } from '../core/events.js';
import type { ServerRef } from '../core/exchange.js';
import type { BreakerState } from '../core/server-state.js';
import { LIFECYCLE, type Lifecycle } from '../core/views.js';
import { INTRODUCTION_METRICS } from './introduction.metrics.js';
import { makeTalliedCounterProvider, tallyOf } from './tallied-counter.js';
import type { Tally } from './tally.js';

const REQUESTS = 'mcp_gateway_upstream_requests_total';
const PROBES = 'mcp_gateway_upstream_health_checks_total';
const BREAKER = 'mcp_gateway_circuit_breaker_state';
const SESSIONS = 'mcp_gateway_upstream_sessions';
const SESSIONS_CLOSED = 'mcp_gateway_upstream_sessions_closed_total';

const BREAKER_VALUES: Record<BreakerState['kind'], number> = { closed: 0, half_open: 1, open: 2 };

/** Counts what upstream servers do, and forgets a server when it is retired. */
@Injectable()
export class UpstreamMetrics {
  @Inject(LIFECYCLE) private readonly lifecycle!: Lifecycle;
  private readonly requests: Tally;
  private readonly probes: Tally;
  private readonly closedSessions: Tally;
  private readonly breakers = new Map<string, Set<string>>();

  constructor(
    events: Events,
    @InjectMetric(REQUESTS) requests: Counter,
    @InjectMetric(PROBES) probes: Counter,
    @InjectMetric(BREAKER) private readonly breaker: Gauge,
    @InjectMetric(SESSIONS) private readonly sessions: Gauge,
    @InjectMetric(SESSIONS_CLOSED) closedSessions: Counter,
  ) {
    this.requests = tallyOf(requests);
    this.probes = tallyOf(probes);
    this.closedSessions = tallyOf(closedSessions);
    events.on('attempt.finished', ({ group, server, status }) => this.requests.add(group, server, status));
    events.on('probe.finished', ({ group, server, healthy }) =>
      this.probes.add(group, server, healthy ? 'healthy' : 'unhealthy'),
    );
    events.on('breaker.changed', (event) => this.setBreaker(event, BREAKER_VALUES[event.state.kind]));
    // A breaker that never moved is closed, and a dashboard wants to see that.
    events.on('server.changed', (event) => this.knows(event) || this.setBreaker(event, BREAKER_VALUES.closed));
    events.on('upstream_session.opened', ({ group, server }) => this.sessions.inc({ group, server }));
    events.on('upstream_session.closed', ({ group, server, why }) => {
      this.sessions.dec({ group, server });
      this.closedSessions.add(group, server, why);
    });
    // At the end all are retired; what was counted of them stays, for a worker may be the only one that ends.
    events.on('server.retired', (event) => this.lifecycle.draining || this.forget(event));
  }

  private knows({ group, server }: ServerRef): boolean {
    return this.breakers.get(group)?.has(server) ?? false;
  }

  private setBreaker({ group, server }: ServerRef, value: number): void {
    this.breakers.set(group, (this.breakers.get(group) ?? new Set()).add(server));
    this.breaker.set({ group, server }, value);
  }

  private forget({ group, server }: ServerRef): void {
    this.requests.remove(group, server);
    this.probes.remove(group, server);
    this.breakers.get(group)?.delete(server);
    this.breaker.remove({ group, server });
    this.sessions.remove({ group, server });
    this.closedSessions.remove(group, server);
  }
}

export const UPSTREAM_METRICS: Provider[] = [
  UpstreamMetrics,
  ...INTRODUCTION_METRICS,
  makeTalliedCounterProvider({
    name: REQUESTS,
    help: 'Attempts on upstream servers, by outcome: the status is HTTP-like on every transport.',
    labelNames: ['group', 'server', 'status'],
  }),
  makeTalliedCounterProvider({
    name: PROBES,
    help: 'Active health checks of upstream servers, by result: healthy or unhealthy.',
    labelNames: ['group', 'server', 'result'],
  }),
  makeGaugeProvider({
    name: BREAKER,
    aggregator: 'max',
    help: 'Circuit breaker of each upstream server: 0 closed, 1 half-open, 2 open.',
    labelNames: ['group', 'server'],
  }),
  makeGaugeProvider({
    name: SESSIONS,
    help: 'Open upstream sessions that single clients have for themselves.',
    labelNames: ['group', 'server'],
  }),
  makeTalliedCounterProvider({
    name: SESSIONS_CLOSED,
    help: 'Own upstream sessions that ended, by cause: holder_left, idle, evicted, lost or retired.',
    labelNames: ['group', 'server', 'why'],
  }),
];
