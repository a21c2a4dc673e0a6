import cluster from 'node:cluster';

import { Endpoint } from '../bus/endpoint.js';
import { frameOf } from '../bus/frame.js';
import { noteBus, noteWelcome } from '../joined.js';
import { HELLO, type Welcome, welcomeOf } from '../welcome.js';

/** Where this process is a worker, hears from the primary who it is; else does nothing. */
export async function joinPrimary(): Promise<void> {
  const { worker } = cluster;
  if (!worker) return;
  // Or Node would end this process the moment the primary has ended, and with it whatever is in flight.
  worker.exitedAfterDisconnect = true;
  const welcome = await hearWelcome();
  const endpoint = new Endpoint(welcome, (frame) => send({ mcpGateway: frame }));
  process.on('message', (message) => {
    const frame = frameOf(message);
    if (frame) endpoint.take(frame);
  });
  noteWelcome(welcome);
  noteBus(endpoint);
}

function hearWelcome(): Promise<Welcome> {
  return new Promise((resolve) => {
    // Without a primary there is nobody to serve with.
    const orphaned = (): void => process.exit(0);
    const listen = (message: unknown): void => {
      const welcome = welcomeOf(message);
      if (!welcome) return;
      process.off('message', listen);
      process.off('disconnect', orphaned);
      resolve(welcome);
    };
    process.on('message', listen);
    process.once('disconnect', orphaned);
    send(HELLO);
  });
}

/** What cannot be sent any more has nobody to receive it. */
function send(message: object): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
