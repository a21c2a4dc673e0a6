import type { ServerResponse } from 'node:http';

import { oneLine } from '../../protocol/index.js';

const HEAD = Buffer.from('event: message\ndata: ');
const TAIL = Buffer.from('\n\n');
const COMMENT = Buffer.from(':\n\n');

/**
 * A response as a stream of server-sent events, one JSON-RPC message each. Headers that keep proxies from
 * buffering or altering it; what a client does not read is bounded by the number given.
 */
export class SseStream {
  constructor(
    private readonly response: ServerResponse,
    private readonly maxQueuedBytes: number,
  ) {}

  /** Sends the headers, if that has not been done. */
  open(): void {
    const { response } = this;
    if (response.headersSent || response.destroyed) return;
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
  }

  /** Sends one message. A client that has left too much unread is cut off. */
  send(frame: Buffer): void {
    const { response } = this;
    this.open();
    if (response.destroyed || response.writableEnded) return;
    if (response.writableLength > this.maxQueuedBytes) return void response.destroy();
    response.cork();
    response.write(HEAD);
    // A raw line end would end the event.
    response.write(oneLine(frame));
    response.write(TAIL);
    response.uncork();
  }

  /** Says nothing, so that nobody on the way thinks the connection is dead. */
  comment(): void {
    this.open();
    if (!this.response.destroyed && !this.response.writableEnded) this.response.write(COMMENT);
  }

  end(): void {
    this.open();
    this.response.end();
  }
}
