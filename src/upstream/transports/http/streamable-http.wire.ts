import { Client, Pool } from 'undici';

import type { Clock, Timer } from '../../../core/clock.js';
import { UnsentError, type GatewayError } from '../../../core/errors.js';
import { IdTable } from '../../../core/id-table.js';
import type { Wire, WireContext, WireListener } from '../../wire.js';
import { Inbound } from '../inbound.js';
import type { Abandonable, HttpHost } from './http-host.js';
import { HttpSession } from './http-session.js';
import { Lingering } from './lingering.js';
import { NoticePost } from './notice-post.js';
import { NotificationStream } from './notification-stream.js';
import { RequestPost } from './request-post.js';
import { endSession } from './session-end.js';

/** How long requests that were sent before the session was lost may still be answered. */
const LAST_REPLIES_MS = 1_000;

/**
 * A session with one server over Streamable HTTP: a POST for every message, over a pool of connections,
 * and a GET for what the server says on its own.
 *
 * When the server no longer knows the session or cannot be connected to, the wire takes no more
 * messages, waits for the replies that are still coming, and closes.
 */
export class StreamableHttpWire implements Wire, HttpHost {
  readonly session: HttpSession;
  readonly inbound: Inbound;
  readonly maxBytes: number;
  readonly clock: Clock;
  private readonly path: string;
  private readonly pool: Pool;
  private readonly stream: NotificationStream;
  private readonly posts = new IdTable<RequestPost>();
  private readonly lingering: Lingering;
  private notices = 0;
  private noticesDone: (() => void) | undefined;
  private ending: GatewayError | undefined;
  private lastReplies: Timer | undefined;
  private over = false;

  constructor(
    private readonly context: WireContext,
    readonly listener: WireListener,
  ) {
    const { settings, clock } = context;
    const { origin, pathname, search } = new URL(settings.url ?? '');
    // Deadlines belong to whoever sends; a stream may be silent for as long as its request may take.
    const options = { headersTimeout: 0, bodyTimeout: 0, pipelining: 1, allowH2: false };
    const connect = { timeout: settings.connectTimeout };
    this.path = pathname + search;
    this.maxBytes = settings.maxMessageBytes;
    this.clock = clock;
    this.session = new HttpSession(settings);
    this.inbound = new Inbound(this.maxBytes, listener);
    this.pool = new Pool(origin, { ...options, connect, connections: settings.maxConnections });
    this.stream = new NotificationStream(this, this.path, new Client(origin, { ...options, connect }));
    this.lingering = new Lingering(clock);
  }

  get isEnding(): boolean {
    return this.ending !== undefined || this.over;
  }

  send(frame: Buffer, requestId?: number): void {
    if (this.ending || this.over)
      throw new UnsentError('upstream_unavailable', 'the session with the server has ended');
    if (requestId === undefined) {
      this.notices++;
      this.post(frame, new NoticePost(this));
      return;
    }
    const post = new RequestPost(this, requestId);
    this.posts.set(requestId, post);
    this.post(frame, post);
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

  async introduced(): Promise<void> {
    if (this.notices > 0) {
      await new Promise<void>((resolve) => {
        this.noticesDone = resolve;
        this.clock.after(this.context.settings.initializeTimeout, resolve);
      });
    }
    if (!this.over) this.stream.open();
  }

  async close(): Promise<void> {
    const sessionLeft = this.session.exists && !this.ending;
    this.over = true;
    this.lastReplies?.cancel();
    this.lingering.close();
    for (const post of this.posts.values()) post.abandon();
    this.posts.clear();
    await this.stream.close();
    if (sessionLeft) await endSession(this.pool, this.path, this.session.get, this.clock);
    await this.pool.destroy();
  }

  resume(lastEventId: string, requestId: number): void {
    const post = this.posts.get(requestId);
    if (!post) return;
    const headers = { ...this.session.get, 'last-event-id': lastEventId };
    this.pool.dispatch({ method: 'GET', path: this.path, headers }, post);
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
    if (--this.notices === 0) this.noticesDone?.();
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

  private post(body: Buffer, handler: RequestPost | NoticePost): void {
    this.pool.dispatch({ method: 'POST', path: this.path, headers: this.session.post, body }, handler);
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
