import { randomBytes } from 'node:crypto';

import type { WorkerBus } from '../../core/worker-bus.js';
import { Endpoint } from './endpoint.js';

const SECRET_BYTES = 32;

/** An id that no process has ever had. */
export function newWorkerId(): string {
  return randomBytes(9).toString('base64url');
}

/** A secret for all workers of one start. */
export function newSecret(): Buffer {
  return randomBytes(SECRET_BYTES);
}

/** The bus of a process that serves alone. */
export function localBus(): WorkerBus {
  const self = { id: newWorkerId(), slot: 1 };
  return new Endpoint({ self, size: 1, secret: newSecret() }, () => undefined);
}
