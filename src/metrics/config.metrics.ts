import { Injectable, type Provider } from '@nestjs/common';
import { InjectMetric, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';

import { ConfigService } from '../config/index.js';
import { Events } from '../core/events.js';

const GENERATION = 'mcp_gateway_config_generation';
const LAST_RELOAD = 'mcp_gateway_config_last_reload_success';

/** Shows which configuration runs, and whether the last one that was offered was taken. */
@Injectable()
export class ConfigMetrics {
  constructor(
    events: Events,
    config: ConfigService,
    @InjectMetric(GENERATION) generation: Gauge,
    @InjectMetric(LAST_RELOAD) lastReload: Gauge,
  ) {
    generation.set(config.generation);
    lastReload.set(1);
    events.on('config.applied', (event) => {
      generation.set(event.generation);
      lastReload.set(1);
    });
    events.on('config.rejected', () => lastReload.set(0));
  }
}

export const CONFIG_METRICS: Provider[] = [
  ConfigMetrics,
  makeGaugeProvider({
    name: GENERATION,
    aggregator: 'min',
    help: 'Generation of the running configuration; the first is 1.',
  }),
  makeGaugeProvider({
    name: LAST_RELOAD,
    aggregator: 'min',
    help: 'Whether the last configuration that was read is the one that runs: 1, or 0 after a rejected one.',
  }),
];
