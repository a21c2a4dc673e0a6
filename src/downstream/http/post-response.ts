import type { ServerResponse } from 'node:http';

import type { GatewayError } from '../../core/errors.js';
import type { Outlet } from '../outlet.js';
import type { KeepAlive, Quiet } from './keep-alive.js';
import { sendJson } from './refusal.js';
import { SseStream } from './sse-stream.js';

export interface PostResponseOptions {
  /** Whether the client takes an event stream. */
  readonly sse: boolean;
  readonly maxQueuedBytes: number;
}

/**
 * The answer to one POST: plain JSON as long as the reply is all there is to say, an event stream from the
 * first interim message on, or when the reply is long in coming. A client that goes away has cancelled
 * nothing: what it asked for is carried through, for nobody.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#sending-messages-to-the-server
 */
export class PostResponse implements Outlet, Quiet {
  spokeAt: number;
  place = -1;
  private stream: SseStream | undefined;
  private waiting = false;
  private done = false;

  constructor(
    private readonly response: ServerResponse,
    private readonly options: PostResponseOptions,
    private readonly keepAlives: KeepAlive,
  ) {
    this.spokeAt = keepAlives.now();
  }

  started(): void {
    // The client may have left while its session was looked up.
    if (this.waiting || this.response.destroyed) return;
    this.waiting = true;
    this.keepAlives.add(this);
    this.response.once('close', () => this.finish());
  }

  interim(frame: Buffer): void {
    // A client that takes JSON alone has no place for it.
    if (this.done || !this.options.sse) return;
    this.speak().send(frame);
  }

  reply(frame: Buffer, failure: GatewayError | undefined): void {
    if (this.finish()) return;
    if (!this.stream) return sendJson(this.response, failure?.traits.legacy.http ?? 200, frame, failure);
    this.stream.send(frame);
    this.stream.end();
  }

  nothing(): void {
    if (this.finish()) return;
    if (this.waiting && this.options.sse) this.speak().end();
    else this.accepted();
  }

  /** There was nothing to answer. */
  accepted(): void {
    if (this.response.destroyed || this.response.headersSent) return;
    this.response.writeHead(202, { 'content-length': 0 });
    this.response.end();
  }

  keepAlive(): void {
    if (this.options.sse) this.speak().comment();
    else this.spokeAt = this.keepAlives.now();
  }

  private speak(): SseStream {
    this.spokeAt = this.keepAlives.now();
    return (this.stream ??= new SseStream(this.response, this.options.maxQueuedBytes));
  }

  /** True when it was over before. */
  private finish(): boolean {
    const before = this.done;
    this.done = true;
    this.keepAlives.remove(this);
    return before;
  }
}
