import type { Clock } from '../../../core/clock.js';
import { GatewayError, UnsentError } from '../../../core/errors.js';
import { IdTable } from '../../../core/id-table.js';
import type { Behalf } from '../../behalf.js';
import type { Wire, WireContext, WireListener } from '../../wire.js';
import { Authorization } from '../http/authorization.js';
import type { HttpConnections } from '../http/http-connections.js';
import { type Headers, KeptSession } from '../http/http-session.js';
import { Untaken } from '../http/untaken.js';
import { Inbound } from '../inbound.js';
import { MessagePost, type PostOwner } from './message-post.js';
import type { ServerStream } from './server-stream.js';

/** A stream that is open, and where messages go to. */
export interface OpenStream {
  readonly stream: ServerStream;
  readonly path: string;
  /** Takes the stream down, connection and all. */
  breakOff(): void;
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
  private readonly authorization: Authorization | undefined;
  private over = false;
  private closing = false;

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
    this.authorization = Authorization.of(context);
  }

  send(frame: Buffer, requestId?: number, _?: Headers, behalf?: Behalf): void {
    if (this.over) throw new UnsentError('upstream_unavailable', 'the connection to the server is closed');
    const { authorization, session } = this;
    if (requestId === undefined) {
      this.notices.began();
      const post = new MessagePost(this, undefined);
      if (!authorization) return this.dispatch(session.post, frame, post);
      const lost = (): void => this.notices.ended();
      return authorization.show(session.post, (headers) => this.dispatch(headers, frame, post), lost);
    }
    this.posts.set(requestId, new MessagePost(this, requestId));
    if (!authorization) return this.goOn(session.post, frame, requestId);
    authorization.request(requestId, session.post, {
      behalf,
      send: (headers) => this.goOn(headers, frame, requestId),
      failed: (error) => this.failed(requestId, error),
    });
  }

  abandon(requestId: number): void {
    const post = this.posts.get(requestId);
    if (post && this.posts.delete(requestId)) post.abandon();
    this.authorization?.forget(requestId);
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
    if (!this.closing) this.letGo();
    return Promise.resolve();
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
    if (failure) return this.failed(requestId, failure);
    this.posts.delete(requestId);
    this.authorization?.forget(requestId);
  }

  private failed(requestId: number, failure: GatewayError): void {
    if (!this.over && this.authorization?.mayRepeat(requestId, failure)) {
      this.posts.set(requestId, new MessagePost(this, requestId));
      return this.authorization.repeat(requestId);
    }
    this.posts.delete(requestId);
    this.authorization?.forget(requestId);
    // The reply may have come by another way and be there already; then nobody waits for this.
    if (!this.over) this.listener.failed(requestId, failure);
  }

  /** Unless nobody waits for it any more. */
  private goOn(headers: Headers, frame: Buffer, requestId: number): void {
    const post = this.posts.get(requestId);
    if (post && !this.over) this.dispatch(headers, frame, post);
  }

  private dispatch(headers: Headers, body: Buffer, post: MessagePost): void {
    this.connections.dispatch({ method: 'POST', path: this.open.path, headers, body }, post);
  }

  private letGo(): void {
    this.over = this.closing = true;
    for (const post of this.posts.values()) post.abandon();
    this.posts.clear();
    this.open.stream.close();
    this.open.breakOff();
    this.connections.release();
  }
}
