import { Injectable, type Provider } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';

import { Events } from '../core/events.js';
import { makeTalliedCounterProvider, tallyOf } from './tallied-counter.js';

const BY_REVISION = 'mcp_gateway_requests_by_revision_total';

/** Counts in which revisions downstreams speak. Who has not introduced itself speaks none. */
@Injectable()
export class RevisionMetrics {
  constructor(events: Events, @InjectMetric(BY_REVISION) counter: Counter) {
    const tally = tallyOf(counter);
    events.on('exchange.finished', ({ exchange: { route, peer } }) => {
      tally.add(route, peer.era, peer.revision || 'none');
    });
  }
}

export const REVISION_METRICS: Provider[] = [
  RevisionMetrics,
  makeTalliedCounterProvider({
    name: BY_REVISION,
    help: 'Requests that were answered, by the era and the revision that the client spoke.',
    labelNames: ['route', 'era', 'revision'],
  }),
];
