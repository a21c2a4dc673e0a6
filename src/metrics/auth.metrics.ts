import { Injectable, type Provider } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';

import { Events } from '../core/events.js';
import { makeTalliedCounterProvider, tallyOf } from './tallied-counter.js';

const DECISIONS = 'mcp_gateway_auth_decisions_total';

/** Counts who was let in and who was not. All labels are from fixed sets. */
@Injectable()
export class AuthMetrics {
  constructor(events: Events, @InjectMetric(DECISIONS) decisions: Counter) {
    const tally = tallyOf(decisions);
    events.on('auth.decided', ({ method = 'none', outcome, why = 'none' }) => tally.add(method, outcome, why));
  }
}

export const AUTH_METRICS: Provider[] = [
  AuthMetrics,
  makeTalliedCounterProvider({
    name: DECISIONS,
    help: 'Credentials that were looked at, by auth method, outcome (granted, refused, throttled) and why.',
    labelNames: ['method', 'outcome', 'why'],
  }),
];
