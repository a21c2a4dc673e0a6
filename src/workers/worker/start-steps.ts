import { PRIMARY_ID, type WorkerBus } from '../../core/worker-bus.js';
import { type ListenOrder, WORKER_CHECKED, WORKER_LISTENING, WORKER_PREPARED, type WorkerReport } from '../topics.js';

/** How long a worker waits for the others at the start. Milliseconds. */
const WITHIN_MS = 120_000;

/** The steps of a start that workers take together. A process that serves alone takes them at once. */
export class StartSteps {
  constructor(private readonly bus: WorkerBus) {}

  /** The configuration is good, as far as that can be told without using it. */
  checked(text: string | undefined): void {
    if (!this.isAlone) this.bus.tell(WORKER_CHECKED, { text }, PRIMARY_ID);
  }

  /** Settles when this worker may listen. `leave` is for the whole start being over. @throws BusError */
  async prepared(report: WorkerReport): Promise<ListenOrder> {
    return this.isAlone ? 'first' : this.bus.ask(WORKER_PREPARED, report, PRIMARY_ID, WITHIN_MS);
  }

  /** Settles when all workers listen. Whether it is this one that tells the world. @throws BusError */
  async listening(): Promise<boolean> {
    return this.isAlone || this.bus.ask(WORKER_LISTENING, undefined, PRIMARY_ID, WITHIN_MS);
  }

  private get isAlone(): boolean {
    return this.bus.size === 1;
  }
}
