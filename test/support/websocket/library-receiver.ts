import { createRequire } from 'node:module';
import type { Writable } from 'node:stream';

import type { FrameLimits } from '../../../src/protocol/websocket/frame-listener.js';
import { Heard } from './heard.js';

type Receiver = new (options: object) => Writable;

const { Receiver } = createRequire(import.meta.url)('ws') as { Receiver: Receiver };

/** What the receiver of the ws library makes of the same bytes. */
export class LibraryReceiver {
  readonly heard = new Heard();
  private readonly receiver: Writable;

  constructor(isServer: boolean, { maxBytes, maxFragments, maxPieces }: FrameLimits) {
    const { heard } = this;
    this.receiver = new Receiver({ isServer, maxPayload: maxBytes, maxFragments, maxBufferedChunks: maxPieces });
    this.receiver.on('message', (data: Buffer, isBinary: boolean) => heard.message(data, !isBinary));
    this.receiver.on('ping', (data: Buffer) => heard.ping(data));
    this.receiver.on('pong', () => heard.pong());
    this.receiver.on('conclude', (code: number, reason: Buffer) => heard.closing(code, reason));
    this.receiver.on('error', () => undefined);
  }

  push(piece: Buffer): void {
    if (this.receiver.writableEnded || this.receiver.destroyed) return;
    this.receiver.write(piece, (error) => {
      if (error) this.heard.violated(codeOf(error));
    });
  }
}

/** The library keeps it behind a symbol that it does not export. */
function codeOf(error: Error): number {
  const key = Object.getOwnPropertySymbols(error).find(({ description }) => description === 'status-code');
  return (error as unknown as Record<symbol, number>)[key as symbol] as number;
}
