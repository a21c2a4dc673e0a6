import type { Clock, Timer } from '../../../core/clock.js';
import { UnsentError, type GatewayError } from '../../../core/errors.js';
import { IdTable } from '../../../core/id-table.js';
import type { Wire, WireContext, WireListener } from '../../wire.js';
import { Inbound } from '../inbound.js';
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

  send(frame: Buffer, requestId?: number, headers?: Headers): void {
    if (this.ending || this.over)
      throw new UnsentError('upstream_unavailable', 'the session with the server has ended');
    if (requestId === undefined) {
      this.notices.began();
      const { post: headers } = this.session;
      this.connections.dispatchBeside({ method: 'POST', headers, body: frame }, new NoticePost(this));
      return;
    }
    const post = new RequestPost(this, requestId);
    this.posts.set(requestId, post);
    this.post(frame, post, headers);
  }

  abandon(requestId: number): void {
    const post = this.posts.get(requestId);
    if (!post) return;
    this.posts.delete(requestId);
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
    this.dispatch({ method: 'GET', headers }, post);
  }

  replied(requestId: number, streaming: boolean): void {
    const post = this.posts.get(requestId);
    if (!post) return;
    this.posts.delete(requestId);
    if (streaming) this.lingering.add(post);
    this.endIfIdle();
  }

  finished(post: Abandonable): void {
    this.lingering.delete(post);
  }

  failed(requestId: number, error: GatewayError): void {
    this.posts.delete(requestId);
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

  private async letGo(): Promise<void> {
    const sessionLeft = this.session.exists && !this.ending;
    this.over = true;
    this.lastReplies?.cancel();
    this.lingering.close();
    for (const post of this.posts.values()) post.abandon();
    this.posts.clear();
    await this.stream.close();
    if (sessionLeft) await endSession(this.connections, this.session.get, this.clock);
    await this.connections.release();
  }

  private post(body: Buffer, handler: RequestPost, own?: Headers): void {
    const { post } = this.session;
    // What lasts would keep a connection from all others, and the only one from everybody.
    const lasts = own?.['Mcp-Method'] === 'subscriptions/listen';
    this.dispatch({ method: 'POST', headers: own ? { ...post, ...own } : post, body }, handler, lasts);
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
