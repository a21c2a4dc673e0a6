import cluster from 'node:cluster';

import { Endpoint } from '../bus/endpoint.js';
import { frameOf } from '../bus/frame.js';
import { noteWelcome } from '../joined.js';
import { HELLO, type Welcome, welcomeOf } from '../welcome.js';

/** Where this process is a worker, hears from the primary who it is, and comes to the bus; else does nothing. */
export async function joinPrimary(): Promise<void> {
  const { worker } = cluster;
  if (!worker) return;
  // Or Node would end this process the moment the primary has ended, and with it whatever is in flight.
  worker.exitedAfterDisconnect = true;
  await new Promise<void>((resolve) => {
    // Without a primary there is nobody to serve with.
    const orphaned = (): void => process.exit(0);
    let endpoint: Endpoint | undefined;
    // What follows the welcome may come with it, so that nobody else can listen in time.
    process.on('message', (message: unknown) => {
      const frame = frameOf(message);
      if (frame) return endpoint?.take(frame);
      const welcome = welcomeOf(message);
      if (!welcome || endpoint) return;
      endpoint = endpointOf(welcome);
      process.off('disconnect', orphaned);
      resolve();
    });
    process.once('disconnect', orphaned);
    send(HELLO);
  });
}

function endpointOf(welcome: Welcome): Endpoint {
  const endpoint = new Endpoint(welcome, (frame) => send({ mcpGateway: frame }));
  noteWelcome(welcome, endpoint);
  return endpoint;
}

/** What cannot be sent any more has nobody to receive it. */
function send(message: object): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
