import type { Flow } from '../../core/flow.js';
import { oneLine } from '../../protocol/index.js';
import { Backlog, type BacklogLimits } from '../backlog.js';
import type { HttpResponse } from './http-message.js';

const COMMENT = Buffer.from(':\n\n');

/**
 * A response as a stream of server-sent events, one JSON-RPC message each. Headers that keep proxies from
 * buffering or altering it. What a client does not read holds up the flow, and cuts the client off when it is too
 * much.
 */
export class SseStream {
  private readonly backlog: Backlog;

  constructor(
    private readonly response: HttpResponse,
    flow: Flow,
    limits: BacklogLimits,
  ) {
    this.backlog = new Backlog(response, flow, limits);
  }

  /** Whether the client has left too much unread: it is cut off with the next message. */
  get full(): boolean {
    return this.backlog.full;
  }

  /** As `Backlog.stuck`. */
  stuck(): boolean {
    return this.backlog.stuck();
  }

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

  /**
   * Sends one message. A client that has left too much unread is cut off.
   *
   * @param id of the event, where it has one
   */
  send(frame: Buffer, id?: string): void {
    const { response } = this;
    if (!response.destroyed && this.backlog.full) return void response.destroy();
    // A raw line end would end the event.
    const data = oneLine(frame);
    const head = id === undefined ? 'event: message\ndata: ' : `event: message\nid: ${id}\ndata: `;
    const event = Buffer.allocUnsafe(head.length + data.length + 2);
    event.write(head, 0, 'latin1');
    event.set(data, head.length);
    event.write('\n\n', head.length + data.length, 'latin1');
    this.write(event);
  }

  /**
   * Hands the client an id to come back with before there is anything to say, and how long it should wait then.
   *
   * @param retryMs milliseconds
   * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#sending-messages-to-the-server
   */
  prime(id: string, retryMs: number): void {
    this.write(Buffer.from(`id: ${id}\nretry: ${retryMs}\ndata: \n\n`));
  }

  /** Tells the client how long to wait before it comes back. Milliseconds. */
  retry(ms: number): void {
    this.write(Buffer.from(`retry: ${ms}\n\n`));
  }

  /** Says nothing, so that nobody on the way thinks the connection is dead. */
  comment(): void {
    this.write(COMMENT);
  }

  end(): void {
    this.open();
    this.response.end();
  }

  /** Drops the connection, whatever is unsent. */
  cut(): void {
    this.response.destroy();
  }

  /** Calls back once the connection is gone or everything was said; at once if it is gone. */
  onGone(callback: () => void): void {
    if (this.response.destroyed) callback();
    else this.response.once('close', callback);
  }

  private write(event: Buffer): void {
    const { response } = this;
    this.open();
    if (response.destroyed || response.writableEnded) return;
    response.write(event);
    this.backlog.grew(event.length);
  }
}
