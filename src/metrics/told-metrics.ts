import { collectDefaultMetrics, register } from 'prom-client';

import {
  METRICS_LEFT,
  METRICS_SERVED,
  METRICS_TOLD,
  type MetricReport,
  type MetricsPlace,
} from '../core/joint-metrics.js';
import { PRIMARY_ID, type WorkerBus } from '../core/worker-bus.js';

/** How long the primary may take to listen. Milliseconds. */
const WITHIN_MS = 10_000;
/** How long the primary may take to note what was counted. Milliseconds. */
const NOTED_WITHIN_MS = 1_000;

/** The metrics of one worker, for the primary that serves those of all as one. */
export class ToldMetrics {
  constructor(private readonly bus: WorkerBus) {
    bus.on(METRICS_TOLD, report);
  }

  /**
   * Has the primary serve them; to be called again when the certificate is another.
   *
   * @returns where; or throws what the system has against it, as an error with its `code`
   */
  async serve(place: MetricsPlace): Promise<string> {
    if (!register.getSingleMetric('process_cpu_user_seconds_total')) collectDefaultMetrics();
    const served = await this.bus.ask(METRICS_SERVED, place, PRIMARY_ID, WITHIN_MS);
    if ('url' in served) return served.url;
    throw Object.assign(new Error('the metrics cannot be served'), { code: served.refused });
  }

  /** Leaves what was counted with the primary, if that is still there: this process is about to end. */
  async leave(): Promise<void> {
    await this.bus.ask(METRICS_LEFT, await report(), PRIMARY_ID, NOTED_WITHIN_MS).catch(() => false);
  }
}

/** What this process counts and measures, each metric with how it is joined. */
async function report(): Promise<readonly MetricReport[]> {
  return (await register.getMetricsAsJSON()) as unknown as MetricReport[];
}
