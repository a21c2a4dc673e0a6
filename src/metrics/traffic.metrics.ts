import { Injectable, type Provider } from '@nestjs/common';
import { getToken, InjectMetric, makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { register, type Counter, type Gauge } from 'prom-client';

import { Events, type DownstreamTransport, type GatewayEvents } from '../core/events.js';
import { METHOD_NAMES } from '../core/method-names.js';
import { LatencyHistogram } from './latency-histogram.js';
import { makeTalliedCounterProvider, tallyOf } from './tallied-counter.js';
import type { Tally } from './tally.js';

const REQUESTS = 'mcp_gateway_requests_total';
const DURATION = 'mcp_gateway_request_duration_seconds';
const CONNECTIONS = 'mcp_gateway_connections_active';
const DROPPED = 'mcp_gateway_messages_dropped_total';
const TOLERATED = 'mcp_gateway_messages_tolerated_total';

const TRANSPORTS: readonly DownstreamTransport[] = ['websocket', 'streamable_http', 'sse', 'unix'];

/** Counts what downstreams do: exchanges, connections, messages that nobody can use. */
@Injectable()
export class TrafficMetrics {
  private readonly requests: Tally;

  constructor(
    events: Events,
    @InjectMetric(REQUESTS) requests: Counter,
    @InjectMetric(DURATION) private readonly duration: LatencyHistogram,
    @InjectMetric(CONNECTIONS) connections: Gauge,
    @InjectMetric(DROPPED) dropped: Counter,
    @InjectMetric(TOLERATED) tolerated: Counter,
  ) {
    this.requests = tallyOf(requests);
    for (const transport of TRANSPORTS) connections.set({ transport }, 0);
    events.on('exchange.finished', (event) => this.onExchange(event));
    events.on('connection.opened', ({ transport }) => connections.inc({ transport }));
    events.on('connection.closed', ({ transport }) => connections.dec({ transport }));
    events.on('message.dropped', ({ where, why }) => dropped.inc({ where, why }));
    events.on('message.tolerated', ({ where, why }) => tolerated.inc({ where, why }));
  }

  private onExchange({ exchange, outcome }: GatewayEvents['exchange.finished']): void {
    const method = METHOD_NAMES.has(exchange.method) ? exchange.method : 'other';
    this.requests.add(exchange.route, method, outcome.status);
    this.duration.observeMs(exchange.route, method, outcome.latencyMs);
  }
}

export const TRAFFIC_METRICS: Provider[] = [
  TrafficMetrics,
  makeTalliedCounterProvider({
    name: REQUESTS,
    help: 'Requests that were answered, by outcome: the status is HTTP-like on every transport.',
    labelNames: ['route', 'method', 'status'],
  }),
  {
    provide: getToken(DURATION),
    useFactory: () =>
      register.getSingleMetric(DURATION) ??
      new LatencyHistogram(DURATION, 'Time from the first byte of a request to the hand-over of its reply.'),
  },
  makeGaugeProvider({
    name: CONNECTIONS,
    help: 'Downstream connections that are open.',
    labelNames: ['transport'],
  }),
  makeCounterProvider({
    name: DROPPED,
    help: 'Messages that were dropped because nobody can use them.',
    labelNames: ['where', 'why'],
  }),
  makeCounterProvider({
    name: TOLERATED,
    help: 'Messages that break a rule and were taken all the same.',
    labelNames: ['where', 'why'],
  }),
];
