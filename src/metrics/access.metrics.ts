import { Injectable, type Provider } from '@nestjs/common';
import { InjectMetric, makeCounterProvider } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';

import { Events } from '../core/events.js';

const DENIED = 'mcp_gateway_access_denied_total';
const FAILURES = 'mcp_gateway_policy_failures_total';

/** Counts what policies keep principals from. */
@Injectable()
export class AccessMetrics {
  constructor(events: Events, @InjectMetric(DENIED) denied: Counter, @InjectMetric(FAILURES) failures: Counter) {
    events.on('access.denied', ({ exchange: { route }, why }) => denied.inc({ route, why }));
    events.on('policy.failed', ({ rule }) => failures.inc({ rule }));
  }
}

export const ACCESS_METRICS: Provider[] = [
  AccessMetrics,
  makeCounterProvider({
    name: DENIED,
    help: 'Requests that a policy kept from what they were for: it is hidden, not to be used like this, or needs a scope.',
    labelNames: ['route', 'why'],
  }),
  makeCounterProvider({
    name: FAILURES,
    help: 'Conditions of rules that could not be evaluated; such a rule does not match.',
    labelNames: ['rule'],
  }),
];
