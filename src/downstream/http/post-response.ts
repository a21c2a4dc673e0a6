import type { GatewayError } from '../../core/errors.js';
import { Flow } from '../../core/flow.js';
import type { ReplyFrame } from '../../protocol/index.js';
import type { SealedSession } from '../../session/index.js';
import type { Outlet } from '../outlet.js';
import type { HttpResponse } from './http-message.js';
import { QUIET_MS, type KeepAlive, type Quiet } from './keep-alive.js';
import type { MessageStream, Speaker } from './message-stream.js';
import type { MessageStreams } from './message-streams.js';
import { type HttpCall, refusalOf } from './http-call.js';
import { refuse, sendJson } from './refusal.js';

/** How long a reply may take before the client gets an id to come back with, should the connection break. Milliseconds. */
const PATIENCE_MS = 1_000;

/** For whom an answer is. */
export interface Asking {
  /** Whether the client takes an event stream. */
  readonly sse: boolean;
  /** Undefined until the client has introduced itself. */
  readonly session: SealedSession | undefined;
  readonly call: HttpCall;
}

/**
 * The answer to one POST: plain JSON as long as the reply is all there is to say, an event stream from the
 * first interim message on, or when the reply is long in coming. A client that goes away has cancelled
 * nothing: what it asked for is carried through, and kept for it where it can come back.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#sending-messages-to-the-server
 */
export class PostResponse implements Outlet, Speaker, Quiet {
  readonly flow = new Flow();
  dueAt: number;
  place = -1;
  private stream: MessageStream | undefined;
  private waiting = false;
  private done = false;

  constructor(
    private readonly response: HttpResponse,
    private readonly asking: Asking,
    private readonly streams: MessageStreams,
    private readonly keepAlives: KeepAlive,
  ) {
    const { sse, session } = asking;
    const patience = sse && session && streams.arePrimed(session) ? PATIENCE_MS : QUIET_MS;
    this.dueAt = keepAlives.now() + patience;
  }

  get carriesInterim(): boolean {
    if (this.done || !this.asking.sse) return false;
    return this.stream ? this.stream.reaches : !this.response.destroyed;
  }

  started(): void {
    // The client may have left while its session was looked up.
    if (this.waiting || this.response.destroyed) return;
    this.waiting = true;
    this.keepAlives.add(this);
    this.response.once('close', () => {
      if (!this.stream) this.left();
    });
  }

  interim(frame: Buffer): void {
    if (this.carriesInterim) this.speak().send(frame);
  }

  reply(frame: ReplyFrame, failure: GatewayError | undefined): void {
    if (this.finish()) return;
    if (failure && !this.waiting) {
      const refusal = refusalOf(this.asking.call, failure);
      if (refusal !== failure) return refuse(this.response, refusal);
    }
    if (!this.stream) return sendJson(this.response, failure?.traits.legacy.http ?? 200, frame.bytes, failure);
    this.stream.send(frame.bytes);
    this.stream.end();
  }

  nothing(): void {
    if (this.finish()) return;
    if (this.waiting && this.asking.sse && !this.response.destroyed) this.speak();
    if (this.stream) this.stream.end();
    else this.accepted();
  }

  /** There was nothing to answer. */
  accepted(): void {
    if (this.response.destroyed || this.response.headersSent) return;
    this.response.writeHead(202, { 'content-length': 0 });
    this.response.end();
  }

  keepAlive(): void {
    if (this.carriesInterim) this.speak().comment();
    else this.dueAt = this.keepAlives.now() + QUIET_MS;
  }

  left(): void {
    if (this.stream?.recoverable || this.finish()) return;
    // Nobody can come back for what is still to be said.
    this.stream?.end();
    this.flow.clear();
  }

  private speak(): MessageStream {
    this.dueAt = this.keepAlives.now() + QUIET_MS;
    return (this.stream ??= this.streams.open('post', this.asking.session, this.response, this));
  }

  /** True when it was over before. */
  private finish(): boolean {
    const before = this.done;
    this.done = true;
    this.keepAlives.remove(this);
    return before;
  }
}
