import cluster from 'node:cluster';
import { isatty } from 'node:tty';

import type { WorkerRef } from '../../core/worker-bus.js';
import { WORKERS_LISTED } from '../../core/workers-view.js';
import { Hub } from '../bus/hub.js';
import { newSecret } from '../bus/local-bus.js';
import {
  type ListenOrder,
  WORKER_CHECKED,
  WORKER_LEAVING,
  WORKER_LISTENING,
  WORKER_PREPARED,
  type WorkerReport,
} from '../topics.js';
import { Crew } from './crew.js';
import { HomeBook } from './home-book.js';
import { JointMetrics } from './joint-metrics.js';
import { JointReload } from './joint-reload.js';
import { LeaseBook } from './lease-book.js';
import { MetricsPort } from './metrics-port.js';
import { PrimaryLog } from './primary-log.js';
import { StartGate } from './start-gate.js';

/** What a stop may take where no worker has said so yet. Milliseconds. */
const STOP_MS = 50_000;
/** How much later than the workers give up themselves they are given up. Milliseconds. */
const MARGIN_MS = 2_000;

/**
 * The process that starts the workers and serves nobody itself: it supervises, hands out connections, joins metrics,
 * counts what is limited for all, and has reloads applied in all or none.
 */
export class Primary {
  private readonly hub: Hub;
  private readonly log = new PrimaryLog();
  private readonly gate: StartGate;
  private readonly crew: Crew;
  private readonly reloads: JointReload;
  private readonly metrics: JointMetrics;
  private readonly port: MetricsPort;
  private readonly startedOnTerminal = isOnTerminal();
  private stopMs = STOP_MS;
  private isStopping = false;

  /** @param size how many workers; more than one */
  constructor(private readonly size: number) {
    this.hub = new Hub({ size, secret: newSecret() });
    const { bus } = this.hub;
    this.gate = new StartGate(size);
    this.crew = new Crew({
      hub: this.hub,
      log: this.log,
      size,
      inForce: () => this.reloads.inForce,
      failed: () => this.end('SIGTERM'),
      gone: (code) => this.leave(code),
    });
    this.reloads = new JointReload({
      bus,
      serving: () => this.crew.serving(),
      replace: (worker) => this.crew.replace(worker, 'it did not apply a configuration that all others have'),
    });
    this.metrics = new JointMetrics(bus, () => this.crew.views());
    this.port = new MetricsPort(bus, this.metrics);
    new LeaseBook(() => performance.now()).serve(bus);
    new HomeBook().serve(bus);
    bus.on(WORKERS_LISTED, () => this.crew.views());
    bus.on(WORKER_CHECKED, ({ text }) => {
      this.reloads.begin(text);
      this.crew.complete();
    });
    bus.on(WORKER_PREPARED, (report, from) => this.prepared(report, from));
    bus.on(WORKER_LISTENING, (_, from) => this.listening(from));
    bus.on(WORKER_LEAVING, (_, from) => this.crew.noteLeaving(from));
  }

  /** Starts the workers, and follows the signals from now on. */
  run(): void {
    process.title = 'mcp-gateway: primary';
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.stop(signal));
    process.on('SIGHUP', () => {
      if (this.startedOnTerminal && !isOnTerminal()) this.stop('SIGHUP');
      else void this.reloads.reload();
    });
    cluster.schedulingPolicy = cluster.SCHED_RR;
    cluster.setupPrimary({ serialization: 'advanced' });
    this.crew.begin();
  }

  private prepared({ generation, stopMs, logLevel }: WorkerReport, from: WorkerRef): Promise<ListenOrder> {
    this.stopMs = stopMs;
    this.log.follow(logLevel);
    if (generation !== this.reloads.generation) this.crew.replace(from, 'the configuration has changed meanwhile');
    return this.gate.prepare(from.slot);
  }

  private async listening(from: WorkerRef): Promise<boolean> {
    const announces = await this.gate.listen(from.slot);
    if (this.gate.isOpen && !this.isStopping) {
      this.crew.serve();
      this.crew.noteReady(from);
    }
    return announces;
  }

  /** Asked twice, it waits for nobody any more. */
  private stop(signal: NodeJS.Signals): void {
    if (this.isStopping) return this.crew.stop('SIGKILL');
    this.log.info('stopping', { signal, workers: this.size });
    this.end(signal);
  }

  private end(signal: NodeJS.Signals): void {
    if (this.isStopping) return;
    this.isStopping = true;
    this.gate.close();
    setTimeout(() => {
      this.log.error('the stop took too long: what is left is ended');
      this.crew.stop('SIGKILL');
    }, this.stopMs + MARGIN_MS).unref();
    // A worker knows what to do for it; that the terminal is gone it need not find out for itself.
    this.crew.stop(signal === 'SIGHUP' ? 'SIGTERM' : signal);
  }

  private leave(code: number): void {
    this.metrics.close();
    this.port.close();
    process.exit(code);
  }
}

function isOnTerminal(): boolean {
  return isatty(0) || isatty(1);
}
