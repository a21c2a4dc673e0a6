import { PRIMARY_ID, type WorkerBus } from '../../core/worker-bus.js';
import { WORKER_LEAVING } from '../topics.js';

/** How long the primary may take. Milliseconds. */
const WITHIN_MS = 1_000;

/** This process is about to stop. Settles with whether other workers go on, and take whoever comes meanwhile. */
export async function leavesOthers(bus: WorkerBus): Promise<boolean> {
  if (bus.size === 1 || !process.connected) return false;
  return bus.ask(WORKER_LEAVING, undefined, PRIMARY_ID, WITHIN_MS).catch(() => false);
}
