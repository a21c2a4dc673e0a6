import type { WorkerBus } from '../core/worker-bus.js';
import { localBus } from './bus/local-bus.js';

let joined: WorkerBus | undefined;

/** This process is a worker, and on this bus. To be said once, before the application is made. */
export function noteBus(bus: WorkerBus): void {
  joined = bus;
}

/** The bus that this process is on; a new one with nobody else on it, where it serves alone. */
export function busOfProcess(): WorkerBus {
  return joined ?? localBus();
}
