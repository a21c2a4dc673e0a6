import type { ConfigInForce } from '../core/reload.js';
import type { WorkerBus } from '../core/worker-bus.js';
import { localBus } from './bus/local-bus.js';
import type { Welcome } from './welcome.js';

let joined: WorkerBus | undefined;
let welcome: Welcome | undefined;

/** This process is a worker, and on this bus. To be said once, before the application is made. */
export function noteWelcome(told: Welcome, bus: WorkerBus): void {
  welcome = told;
  joined = bus;
}

/** The bus that this process is on; a new one with nobody else on it, where it serves alone. */
export function busOfProcess(): WorkerBus {
  return joined ?? localBus();
}

/** Whether a primary has started this process. */
export function isWorker(): boolean {
  return joined !== undefined;
}

/** The number of this worker; undefined where the process serves alone. */
export function slotOfProcess(): number | undefined {
  return joined?.self.slot;
}

/** Whether this worker comes when others serve already. */
export function isLate(): boolean {
  return welcome?.isLate ?? false;
}

/** What the other workers run, where this one is not the first. */
export function configInForce(): ConfigInForce | undefined {
  return welcome?.inForce;
}
