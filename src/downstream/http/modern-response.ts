import type { GatewayError } from '../../core/errors.js';
import { Flow } from '../../core/flow.js';
import type { McpReply } from '../../core/message.js';
import type { ReplyFrame } from '../../protocol/index.js';
import type { Cancellable, Outlet } from '../outlet.js';
import type { HttpResponse } from './http-message.js';
import { QUIET_MS, type KeepAlive, type Quiet } from './keep-alive.js';
import type { Acceptance } from './media.js';
import type { MessageStream, Speaker } from './message-stream.js';
import type { MessageStreams } from './message-streams.js';
import { type HttpCall, refusalOf } from './http-call.js';
import { refuse, sendJson } from './refusal.js';

/** What servers are told when a client goes away. */
const LEFT = 'client disconnected';

/** The statuses of errors that are replies, where they are not 200, by JSON-RPC code. */
const STATUSES: ReadonlyMap<unknown, number> = new Map([
  [-32601, 404],
  [-32020, 400],
  [-32021, 400],
  [-32022, 400],
]);

/** What is asked for, and how it may be answered. */
export interface Wish {
  readonly accepts: Acceptance;
  /** Whether it is a listen, whose answer is a stream whatever the client says. */
  readonly listens: boolean;
  readonly call: HttpCall;
}

/**
 * The answer to one modern POST: plain JSON as long as the reply is all there is to say, an event stream from the
 * first interim message on where the client takes one. A client that goes away has cancelled what it asked for:
 * nobody can come back.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */
export class ModernResponse implements Outlet, Speaker, Quiet {
  readonly flow = new Flow();
  dueAt: number;
  place = -1;
  private stream: MessageStream | undefined;
  private request: Cancellable | undefined;
  private done = false;

  constructor(
    private readonly response: HttpResponse,
    private readonly wish: Wish,
    private readonly streams: MessageStreams,
    private readonly keepAlives: KeepAlive,
  ) {
    this.dueAt = keepAlives.now() + QUIET_MS;
  }

  get carriesInterim(): boolean {
    const { accepts, listens } = this.wish;
    return !this.done && (accepts.sse || listens) && !this.response.destroyed;
  }

  started(request: Cancellable): void {
    // The client may have left before it was its turn.
    if (this.response.destroyed) return request.cancel(LEFT);
    this.request = request;
    this.keepAlives.add(this);
    this.response.once('close', () => this.left());
    // Unless it is refused at once, as JSON.
    if (this.wish.listens) setImmediate(() => this.open());
  }

  interim(frame: Buffer): void {
    if (this.carriesInterim) this.speak().send(frame);
  }

  reply(frame: ReplyFrame, failure: GatewayError | undefined, said?: McpReply): void {
    if (this.finish()) return;
    if (failure && !this.request) {
      const refusal = refusalOf(this.wish.call, failure);
      if (refusal !== failure) return refuse(this.response, refusal);
    }
    const status = statusOf(failure, said);
    if (!this.stream && !(status === 200 && this.wantsStream()))
      return sendJson(this.response, status, frame.bytes, failure);
    const stream = this.speak();
    stream.send(frame.bytes);
    stream.end();
  }

  /** There is nothing to answer, or nobody. */
  nothing(): void {
    if (this.finish()) return;
    if (this.stream) return this.stream.end();
    if (this.response.destroyed || this.response.headersSent) return;
    this.response.writeHead(202, { 'content-length': 0 });
    this.response.end();
  }

  keepAlive(): void {
    if (this.carriesInterim) this.speak().comment();
    else this.dueAt = this.keepAlives.now() + QUIET_MS;
  }

  left(): void {
    if (!this.done) this.request?.cancel(LEFT);
  }

  /** At once, so that nobody on the way waits for a first byte. */
  private open(): void {
    if (this.carriesInterim && !this.stream) this.speak().comment();
  }

  private wantsStream(): boolean {
    const { accepts } = this.wish;
    return accepts.sse && !accepts.json;
  }

  private speak(): MessageStream {
    this.dueAt = this.keepAlives.now() + QUIET_MS;
    // Of no session: nothing on it has an id.
    return (this.stream ??= this.streams.open('post', undefined, this.response, this));
  }

  /** True when it was over before. */
  private finish(): boolean {
    const before = this.done;
    this.done = true;
    this.keepAlives.remove(this);
    return before;
  }
}

function statusOf(failure: GatewayError | undefined, said: McpReply | undefined): number {
  if (failure) return failure.traits.modern.http;
  return (said?.kind === 'error' ? STATUSES.get(said.json.object()['code']) : undefined) ?? 200;
}
