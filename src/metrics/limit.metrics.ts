import { Injectable, type Provider } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';

import { Events } from '../core/events.js';

const LIMITED = 'mcp_gateway_rate_limited_total';
const REDIS_UP = 'mcp_gateway_redis_up';

/** Counts what rate limits hold up, and shows whether the counts are shared. */
@Injectable()
export class LimitMetrics {
  constructor(events: Events, @InjectMetric(LIMITED) limited: Counter, @InjectMetric(REDIS_UP) redis: Gauge) {
    events.on('rate.exceeded', ({ route, scope }) => limited.inc({ route, scope }));
    // Where there is none it is not shown at all, rather than down.
    redis.remove();
    events.on('redis.changed', ({ up }) => redis.set(up ? 1 : 0));
  }
}

export const LIMIT_METRICS: Provider[] = [
  LimitMetrics,
  makeCounterProvider({
    name: LIMITED,
    help: 'Requests that a rate limit held up, by route and by the limit that did: client, route, tool or global.',
    labelNames: ['route', 'scope'],
  }),
  makeGaugeProvider({
    name: REDIS_UP,
    aggregator: 'min',
    help: 'Whether the Redis that processes share can be used: 1, or 0 while this process counts for itself.',
  }),
];
