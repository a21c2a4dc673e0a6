import type { Clock } from '../../../core/clock.js';
import { GatewayError, UnsentError } from '../../../core/errors.js';
import { IdTable } from '../../../core/id-table.js';
import type { Wire, WireContext, WireListener } from '../../wire.js';
import type { HttpConnections } from '../http/http-connections.js';
import { KeptSession } from '../http/http-session.js';
import { Untaken } from '../http/untaken.js';
import { Inbound } from '../inbound.js';
import { MessagePost, type PostOwner } from './message-post.js';
import type { ServerStream } from './server-stream.js';

/** A stream that is open, and where messages go to. */
export interface OpenStream {
  readonly stream: ServerStream;
  readonly path: string;
  /** Takes the stream down, connection and all. */
  breakOff(): Promise<void>;
}

/**
 * A session with a server of 2024-11-05: a POST for every message, and one stream for all that the server says.
 * The session lives as long as the stream. Later revisions may be agreed on over it.
 *
 * @see https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse
 */
export class SseWire implements Wire, PostOwner {
  readonly knowsOrigin = false;
  /** The session is the connection; the id in the endpoint is nothing that could be lost apart from it. */
  readonly hasSession = false;
  readonly clock: Clock;
  private readonly session: KeptSession;
  private readonly inbound: Inbound;
  private readonly posts = new IdTable<MessagePost>();
  private readonly notices: Untaken;
  private over = false;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly context: WireContext,
    private readonly listener: WireListener,
    private readonly connections: HttpConnections,
    private readonly open: OpenStream,
  ) {
    this.clock = context.clock;
    this.notices = new Untaken(context.settings.maxInFlight);
    this.session = new KeptSession(context.settings);
    this.inbound = new Inbound(context, listener);
  }

  send(frame: Buffer, requestId?: number): void {
    if (this.over) throw new UnsentError('upstream_unavailable', 'the connection to the server is closed');
    const post = new MessagePost(this, requestId);
    if (requestId === undefined) this.notices.began();
    else this.posts.set(requestId, post);
    const { path } = this.open;
    this.connections.dispatch({ method: 'POST', path, headers: this.session.post, body: frame }, post);
  }

  abandon(requestId: number): void {
    const post = this.posts.get(requestId);
    if (post && this.posts.delete(requestId)) post.abandon();
  }

  negotiated(revision: string): void {
    this.session.negotiated(revision);
    this.inbound.negotiated(revision);
  }

  pause(requestId?: number): void {
    if (requestId === undefined) this.open.stream.flow.hold();
  }

  resume(requestId?: number): void {
    if (requestId === undefined) this.open.stream.flow.release();
  }

  introduced(): Promise<void> {
    return this.notices.settled(this.clock, this.context.settings.initializeTimeout);
  }

  close(): Promise<void> {
    return (this.closing ??= this.letGo());
  }

  /** One message came on the stream. */
  received(data: Buffer): void {
    if (!this.over) this.inbound.deliver(this.inbound.read(data), undefined);
  }

  /** The stream has ended. */
  broken(why: GatewayError): void {
    if (this.over) return;
    this.over = true;
    this.listener.closed(new GatewayError('upstream_unavailable', why.message, {}, { cause: why }));
  }

  posted(post: MessagePost, failure: GatewayError | undefined): void {
    const { requestId } = post;
    if (requestId === undefined) return this.notices.ended();
    this.posts.delete(requestId);
    // The reply may have come by another way and be there already; then nobody waits for this.
    if (failure && !this.over) this.listener.failed(requestId, failure);
  }

  private async letGo(): Promise<void> {
    this.over = true;
    for (const post of this.posts.values()) post.abandon();
    this.posts.clear();
    this.open.stream.close();
    await this.open.breakOff();
    await this.connections.release();
  }
}
