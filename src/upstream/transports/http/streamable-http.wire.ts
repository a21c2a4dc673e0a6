import type { Clock, Timer } from '../../../core/clock.js';
import { UnsentError, type GatewayError } from '../../../core/errors.js';
import { IdTable } from '../../../core/id-table.js';
import type { Behalf } from '../../behalf.js';
import type { CredentialHeaders } from '../../credentials/credentials.js';
import type { Wire, WireContext, WireListener } from '../../wire.js';
import { Inbound } from '../inbound.js';
import { Authorization } from './authorization.js';
import type { HttpConnections, HttpRequest } from './http-connections.js';
import type { Abandonable, HttpHost } from './http-host.js';
import { KeptSession, type Headers, type HttpSession } from './http-session.js';
import { Lingering } from './lingering.js';
import { NoticePost } from './notice-post.js';
import { Untaken } from './untaken.js';
import { NotificationStream } from './notification-stream.js';
import { RequestPost } from './request-post.js';
import { endSession } from './session-end.js';
import { StatelessSession } from './stateless-session.js';

const ENDED = 'the session with the server has ended';

/** How long requests that were sent before the session was lost may still be answered. */
const LAST_REPLIES_MS = 1_000;

/**
 * A session with one server over Streamable HTTP: a POST for every message, over a pool of connections,
 * and a GET for what the server says on its own. Modern servers have no session and nothing to say on their own.
 *
 * When the server no longer knows the session or cannot be connected to, the wire takes no more
 * messages, waits for the replies that are still coming, and closes.
 */
export class StreamableHttpWire implements Wire, HttpHost {
  readonly knowsOrigin = true;
  readonly session: HttpSession;
  readonly inbound: Inbound;
  readonly maxBytes: number;
  readonly clock: Clock;
  private readonly stream: NotificationStream;
  private readonly posts = new IdTable<RequestPost>();
  private readonly lingering: Lingering;
  private readonly notices: Untaken;
  private readonly authorization: Authorization | undefined;
  private paused = false;
  private ending: GatewayError | undefined;
  private lastReplies: Timer | undefined;
  private over = false;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly context: WireContext,
    readonly listener: WireListener,
    private readonly connections: HttpConnections,
  ) {
    const { settings, clock, era } = context;
    this.notices = new Untaken(settings.maxInFlight);
    this.maxBytes = settings.maxMessageBytes;
    this.clock = clock;
    this.session = era === 'modern' ? new StatelessSession(settings) : new KeptSession(settings);
    this.inbound = new Inbound(context, listener);
    this.authorization = Authorization.of(context);
    this.stream = new NotificationStream(this, connections);
    this.lingering = new Lingering(clock);
  }

  get hasSession(): boolean {
    return this.session.exists;
  }

  get isPaused(): boolean {
    return this.paused;
  }

  get isEnding(): boolean {
    return this.ending !== undefined || this.over;
  }

  send(frame: Buffer, requestId?: number, headers?: Headers, behalf?: Behalf): void {
    if (this.ending || this.over) throw new UnsentError('upstream_unavailable', ENDED);
    if (requestId === undefined) {
      this.notices.began();
      this.authorized(
        this.session.post,
        (headers) => this.connections.dispatchBeside({ method: 'POST', headers, body: frame }, new NoticePost(this)),
        () => this.noticed(),
      );
      return;
    }
    const post = new RequestPost(this, requestId);
    this.posts.set(requestId, post);
    this.post(frame, requestId, headers, behalf);
  }

  abandon(requestId: number): void {
    const post = this.posts.get(requestId);
    if (!post) return;
    this.forget(requestId);
    post.abandon();
    this.endIfIdle();
  }

  negotiated(revision: string): void {
    this.session.negotiated(revision);
    this.inbound.negotiated(revision);
  }

  pause(requestId?: number): void {
    if (requestId !== undefined) return this.posts.get(requestId)?.pause();
    this.paused = true;
    this.stream.pause();
    for (const post of this.posts.values()) post.settle();
  }

  resume(requestId?: number): void {
    if (requestId !== undefined) return this.posts.get(requestId)?.resume();
    this.paused = false;
    this.stream.resume();
    for (const post of this.posts.values()) post.settle();
  }

  async introduced(): Promise<void> {
    await this.notices.settled(this.clock, this.context.settings.initializeTimeout);
    if (this.over) return;
    this.stream.open();
    // A question that comes before there is a stream for it would be lost with the call that waits for its answer.
    if (this.context.mayAsk) await this.stream.answered();
  }

  close(): Promise<void> {
    return (this.closing ??= this.letGo());
  }

  continue(lastEventId: string, requestId: number): void {
    const post = this.posts.get(requestId);
    if (!post) return;
    const headers = { ...this.session.get, 'last-event-id': lastEventId };
    const { authorization } = this;
    if (!authorization) return this.dispatch({ method: 'GET', headers }, post);
    authorization.resume(requestId, headers, (all) => this.goOn({ method: 'GET', headers: all }, requestId));
  }

  replied(requestId: number, streaming: boolean): void {
    const post = this.posts.get(requestId);
    if (!post) return;
    this.forget(requestId);
    if (streaming) this.lingering.add(post);
    this.endIfIdle();
  }

  finished(post: Abandonable): void {
    this.lingering.delete(post);
  }

  failed(requestId: number, error: GatewayError): void {
    if (!this.isEnding && this.authorization?.mayRepeat(requestId, error)) {
      this.posts.set(requestId, new RequestPost(this, requestId));
      return this.authorization.repeat(requestId);
    }
    this.forget(requestId);
    if (!this.over) this.listener.failed(requestId, error);
    this.endIfIdle();
  }

  noticed(): void {
    this.notices.ended();
  }

  dropped(why: string): void {
    this.context.events.emit('message.dropped', { where: 'upstream', why });
  }

  end(reason: GatewayError): void {
    if (this.ending || this.over) return;
    this.ending = reason;
    this.lastReplies = this.clock.after(LAST_REPLIES_MS, () => this.closed());
    this.listener.ending(reason);
  }

  authorized(
    headers: Headers,
    send: (headers: Headers, credential?: CredentialHeaders) => void,
    failed: () => void,
  ): void {
    if (this.authorization) this.authorization.show(headers, send, failed);
    else send(headers);
  }

  refused(credential: CredentialHeaders | undefined): boolean {
    return this.authorization?.refused(credential) ?? false;
  }

  private async letGo(): Promise<void> {
    const sessionLeft = this.session.exists && !this.ending;
    this.over = true;
    this.lastReplies?.cancel();
    this.lingering.close();
    for (const post of this.posts.values()) post.abandon();
    this.posts.clear();
    this.stream.close();
    if (sessionLeft) await endSession(this, this.connections);
    this.connections.release();
  }

  private post(body: Buffer, requestId: number, own: Headers | undefined, behalf: Behalf | undefined): void {
    const { post } = this.session;
    // What lasts would keep a connection from all others, and the only one from everybody.
    const lasts = own?.['Mcp-Method'] === 'subscriptions/listen';
    const headers = own ? { ...post, ...own } : post;
    const { authorization } = this;
    if (!authorization) return this.goOn({ method: 'POST', headers, body }, requestId, lasts);
    authorization.request(requestId, headers, {
      behalf,
      send: (all) => this.goOn({ method: 'POST', headers: all, body }, requestId, lasts),
      failed: (error) => this.failed(requestId, error),
    });
  }

  /** Unless nobody waits for it any more. */
  private goOn(request: HttpRequest, requestId: number, lasts = false): void {
    const post = this.posts.get(requestId);
    if (!post) return;
    if (this.isEnding) return this.failed(requestId, new UnsentError('upstream_unavailable', ENDED));
    this.dispatch(request, post, lasts);
  }

  private forget(requestId: number): void {
    this.posts.delete(requestId);
    this.authorization?.forget(requestId);
  }

  private dispatch(request: HttpRequest, handler: RequestPost, lasts = false): void {
    if (lasts) this.connections.dispatchApart(request, handler);
    else if (this.context.mayAsk) this.connections.dispatchPatiently(request, handler);
    else this.connections.dispatch(request, handler);
  }

  private endIfIdle(): void {
    if (this.ending && this.posts.size === 0) this.closed();
  }

  private closed(): void {
    if (!this.ending || this.over) return;
    this.over = true;
    this.lastReplies?.cancel();
    this.listener.closed(this.ending);
  }
}
