import { Injectable, type Provider } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';

import { Events } from '../core/events.js';

const LISTENS = 'mcp_gateway_listens';

/** Counts modern downstreams while they listen. */
@Injectable()
export class ListenMetrics {
  constructor(events: Events, @InjectMetric(LISTENS) listens: Gauge) {
    events.on('listen.opened', ({ route }) => listens.inc({ route }));
    events.on('listen.closed', ({ route }) => listens.dec({ route }));
  }
}

export const LISTEN_METRICS: Provider[] = [
  ListenMetrics,
  makeGaugeProvider({
    name: LISTENS,
    help: 'Clients that listen for changes (`subscriptions/listen`).',
    labelNames: ['route'],
  }),
];
