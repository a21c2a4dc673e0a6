import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import type { Program } from './program.ts';

const ASK_EVERY_MS = 2;

/** How long a program may take until it can be used. Some of them compile on their first start. */
const READY_WITHIN_MS = 60_000;

/**
 * Waits until a program answers.
 *
 * @throws Error if it ends, or does not in a minute
 */
export async function ready(program: Program, isReady: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline && !program.ended) {
    if (await isReady()) return;
    await delay(ASK_EVERY_MS);
  }
  throw new Error(program.ended ? 'it ended before it was ready' : 'it was not ready in a minute');
}

/** Whether somebody listens at a port of this machine. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
