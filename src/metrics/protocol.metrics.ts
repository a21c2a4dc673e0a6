import { Injectable, type Provider } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';

import { Events } from '../core/events.js';
import { makeTalliedCounterProvider, tallyOf } from './tallied-counter.js';

const VIOLATIONS = 'mcp_gateway_protocol_violations_total';

/** Counts how often which rule of the protocol is broken. */
@Injectable()
export class ProtocolMetrics {
  constructor(events: Events, @InjectMetric(VIOLATIONS) violations: Counter) {
    const tally = tallyOf(violations);
    events.on('rule.broken', ({ leg, rule, action }) => tally.add(leg, rule, action));
  }
}

export const PROTOCOL_METRICS: Provider[] = [
  ProtocolMetrics,
  makeTalliedCounterProvider({
    name: VIOLATIONS,
    help: 'Rules of the protocol that were broken, on either leg, and whether that was refused or forgiven.',
    labelNames: ['leg', 'rule', 'action'],
  }),
];
