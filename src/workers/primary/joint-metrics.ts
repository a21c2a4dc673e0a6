import { METRICS_LEFT, METRICS_TOLD, type MetricReport } from '../../core/joint-metrics.js';
import type { WorkerBus, WorkerRef } from '../../core/worker-bus.js';
import { REQUESTS_TOTALLED, type RequestTotals, type WorkerView } from '../../core/workers-view.js';
import { joinMetrics, lasting, ofProcess } from './join-metrics.js';
import { ownMetrics } from './own-metrics.js';

/** How long a worker may take to tell. Milliseconds. */
const WITHIN_MS = 2_000;
/** How old what is known of a worker may become, so that little is lost with one that is killed. Milliseconds. */
const REFRESH_MS = 5_000;

const REQUESTS = 'mcp_gateway_requests_total';

/**
 * The metrics of all workers as one. What a worker counted stays counted when it has ended, as it told last, so that
 * no total falls that anybody has seen.
 */
export class JointMetrics {
  private readonly told = new Map<string, readonly MetricReport[]>();
  private ended: MetricReport[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly bus: WorkerBus,
    private readonly workers: () => readonly WorkerView[],
  ) {
    bus.onLeft((worker) => this.bury(worker));
    bus.on(METRICS_LEFT, (report, { id }) => this.told.set(id, report).has(id));
    bus.on(REQUESTS_TOTALLED, () => this.totals());
    this.timer = setInterval(() => void this.refresh(), REFRESH_MS).unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  async report(): Promise<readonly MetricReport[]> {
    await this.refresh();
    const slots = new Map(this.bus.workers().map(({ id, slot }) => [id, slot]));
    const living = [...this.told].map(([id, report]) => ofProcess(report, String(slots.get(id))));
    return joinMetrics([...living, this.ended, ofProcess(ownMetrics(), 'primary'), this.ofWorkers()]);
  }

  async totals(): Promise<RequestTotals> {
    await this.refresh();
    const values = [...this.told.values(), this.ended]
      .flat()
      .filter(({ name }) => name === REQUESTS)
      .flatMap((metric) => metric.values);
    const sum = (counted: typeof values): number => counted.reduce((total, { value }) => total + value, 0);
    return { total: sum(values), failed: sum(values.filter(({ labels }) => Number(labels['status']) >= 500)) };
  }

  /** Asks everybody. Who does not tell stays as it told last. */
  private async refresh(): Promise<void> {
    for (const { worker, result } of await this.bus.askAll(METRICS_TOLD, undefined, WITHIN_MS)) {
      const isThere = this.bus.workers().some(({ id }) => id === worker.id);
      if (isThere && result.kind === 'answer') this.told.set(worker.id, result.answer);
    }
  }

  private bury({ id }: WorkerRef): void {
    const report = this.told.get(id);
    this.told.delete(id);
    if (report) this.ended = joinMetrics([this.ended, lasting(report)]);
  }

  private ofWorkers(): MetricReport[] {
    const workers = this.workers();
    const ready = workers.filter(({ state }) => state === 'ready').length;
    const restarts = workers.map(({ slot, restarts: value }) => ({ value, labels: { worker: String(slot) } }));
    return [
      {
        name: 'mcp_gateway_workers_ready',
        help: 'Workers that take requests.',
        type: 'gauge',
        aggregator: 'sum',
        values: [{ value: ready, labels: {} }],
      },
      {
        name: 'mcp_gateway_worker_restarts_total',
        help: 'Times that a worker was started again because it had ended.',
        type: 'counter',
        aggregator: 'sum',
        values: restarts,
      },
    ];
  }
}
