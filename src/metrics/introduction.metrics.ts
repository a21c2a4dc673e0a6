import { Injectable, type Provider } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';

import { Events, type GatewayEvents } from '../core/events.js';
import type { ServerRef } from '../core/exchange.js';

const INFO = 'mcp_gateway_upstream_info';

/** Says what upstream servers were introduced as last: of each server one thing at a time, until it is retired. */
@Injectable()
export class IntroductionMetrics {
  /** The labels of each server, by its group and name. */
  private readonly known = new Map<string, Record<string, string>>();

  constructor(
    events: Events,
    @InjectMetric(INFO) private readonly info: Gauge,
  ) {
    events.on('server.introduced', (event) => this.introduced(event));
    events.on('server.retired', (event) => this.forget(event));
  }

  private introduced({ group, server, era, revision }: GatewayEvents['server.introduced']): void {
    this.forget({ group, server });
    const labels = { group, server, era, revision };
    this.known.set(keyOf({ group, server }), labels);
    this.info.set(labels, 1);
  }

  private forget(server: ServerRef): void {
    const key = keyOf(server);
    const labels = this.known.get(key);
    if (labels) this.info.remove(labels);
    this.known.delete(key);
  }
}

function keyOf({ group, server }: ServerRef): string {
  return JSON.stringify([group, server]);
}

export const INTRODUCTION_METRICS: Provider[] = [
  IntroductionMetrics,
  makeGaugeProvider({
    name: INFO,
    aggregator: 'max',
    help: 'Always 1: the era and the revision that each upstream server was introduced with last.',
    labelNames: ['group', 'server', 'era', 'revision'],
  }),
];
