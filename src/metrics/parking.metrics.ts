import { Injectable, type Provider } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';

import { Events } from '../core/events.js';

const PARKED = 'mcp_gateway_parked_calls';
const RELEASED = 'mcp_gateway_parked_calls_total';

/** Counts the calls that wait for answers of modern clients, and what becomes of them. */
@Injectable()
export class ParkingMetrics {
  constructor(events: Events, @InjectMetric(PARKED) parked: Gauge, @InjectMetric(RELEASED) released: Counter) {
    events.on('call.parked', () => parked.inc());
    events.on('call.released', ({ why }) => {
      parked.dec();
      released.inc({ outcome: why });
    });
  }
}

export const PARKING_METRICS: Provider[] = [
  ParkingMetrics,
  makeGaugeProvider({ name: PARKED, help: 'Calls that wait on upstream servers for answers of modern clients.' }),
  makeCounterProvider({
    name: RELEASED,
    help: 'Calls that are not parked any more, by outcome: answered, expired or ended.',
    labelNames: ['outcome'],
  }),
];
