import { parentPort, workerData } from 'node:worker_threads';

import { RawWebSocket } from './frames.ts';

/** What a thread of its own sends on one connection, over and over, reading what comes. */
export interface Flood {
  readonly port: number;
  /** Sent first. */
  readonly introduction: Uint8Array;
  readonly batch: Uint8Array;
  readonly ms: number;
}

const { port, introduction, batch, ms } = workerData as Flood;
const raw = await RawWebSocket.open(port);
raw.send(Buffer.from(introduction));
const deadline = performance.now() + ms;
let batches = 0;
while (performance.now() < deadline && !raw.closed) {
  await raw.sent(Buffer.from(batch));
  raw.texts.length = 0;
  batches++;
}
raw.socket.destroy();
parentPort?.postMessage(batches, []);
