import type { Dialer } from './dialer.js';
import { Dispatched } from './dispatched.js';
import { type ConnectionOwner, HttpConnection } from './http-connection.js';
import { type HttpRequest, RequestHeads } from './request-head.js';
import type { ResponseListener } from './response-listener.js';

/** How often connections are looked for that have been idle for too long. Milliseconds. */
const SWEEP_MS = 1_000;

/** How many connections there may be, and how many are kept while nobody needs them. */
export interface PoolBounds {
  readonly max: number;
  readonly maxIdle: number;
}

/**
 * Connections to one server that are kept between requests, up to so many; whoever finds none waits for the first that
 * is free. Requests leave at the end of a turn of the event loop, after all that has arrived was read: a server that
 * has closed a connection meanwhile, or said something on it that nobody asked for, is not sent anything on it.
 */
export class HttpPool implements ConnectionOwner {
  private readonly heads: RequestHeads;
  private readonly all = new Set<HttpConnection>();
  /** Those that can take a request, the one that was used last at the end. */
  private readonly idle: HttpConnection[] = [];
  private waiting: Dispatched[] = [];
  /** How many of those are over, because nobody wants them any more. */
  private abandoned = 0;
  /** How many of the idle ones nobody needed since they were swept last. */
  private needless = 0;
  /** Requests that are not over. */
  private unsettled = 0;
  private leaving = false;
  private retired = false;
  private sweeping: NodeJS.Timeout | undefined;
  private readonly settled = (dispatched: Dispatched): void => {
    if (dispatched.isWaiting) {
      this.abandoned++;
      this.leave();
    }
    if (--this.unsettled === 0 && this.retired) this.destroy();
  };

  constructor(
    private readonly dialer: Dialer,
    authority: string,
    private readonly bounds: PoolBounds,
  ) {
    this.heads = new RequestHeads(authority);
  }

  /** Whether a request would have to wait. */
  get isFull(): boolean {
    return this.unsettled >= this.bounds.max;
  }

  /** Sends a request as soon as a connection is free. */
  dispatch(request: HttpRequest, listener: ResponseListener): void {
    let dispatched: Dispatched;
    try {
      if (this.retired) throw new Error('the connections to the server are closed');
      dispatched = new Dispatched(this.heads.write(request), request.body, listener, this.settled);
    } catch (thrown) {
      return listener.onResponseError(undefined, thrown as Error);
    }
    this.waiting.push(dispatched);
    this.unsettled++;
    this.leave();
    listener.onRequestQueued?.(dispatched);
  }

  /** Takes no more requests, and closes when those are over that are under way. */
  retire(): void {
    this.retired = true;
    if (this.unsettled === 0) this.destroy();
  }

  /** Closes at once. Requests that are under way fail. */
  destroy(): void {
    this.retired = true;
    clearTimeout(this.sweeping);
    const closed = new Error('the connections to the server were closed');
    for (const connection of this.all) connection.cut(closed);
    for (const dispatched of this.waiting.splice(0)) dispatched.fail(closed);
  }

  freed(connection: HttpConnection): void {
    this.idle.push(connection);
    if (this.waiting.length > 0) this.leave();
    this.sweeping ??= setTimeout(this.sweep, SWEEP_MS).unref();
  }

  gone(connection: HttpConnection): void {
    this.all.delete(connection);
    const place = this.idle.indexOf(connection);
    if (place >= 0) this.idle.splice(place, 1);
    this.needless = Math.min(this.needless, this.idle.length);
    if (this.waiting.length > 0) this.leave();
  }

  private leave(): void {
    if (this.leaving) return;
    this.leaving = true;
    setImmediate(this.flush);
  }

  private readonly flush = (): void => {
    this.leaving = false;
    const now = performance.now();
    let next = 0;
    while (next < this.waiting.length) {
      const dispatched = this.waiting[next] as Dispatched;
      const connection = dispatched.isOver ? undefined : this.usable(now);
      if (!dispatched.isOver && !connection && this.all.size >= this.bounds.max) break;
      next++;
      dispatched.isWaiting = false;
      if (dispatched.isOver) continue;
      if (connection) connection.send(dispatched);
      else this.open(dispatched);
    }
    if (next === this.waiting.length) this.waiting.length = 0;
    else this.waiting.splice(0, next);
    if (this.abandoned > 0) this.waiting = this.waiting.filter(({ isOver }) => !isOver);
    this.abandoned = 0;
    this.needless = Math.min(this.needless, this.idle.length);
  };

  private open(first: Dispatched): void {
    try {
      this.all.add(new HttpConnection(this.dialer, this, first));
    } catch (thrown) {
      first.fail(thrown as Error);
    }
  }

  private usable(now: number): HttpConnection | undefined {
    for (let last = this.idle.pop(); last; last = this.idle.pop()) {
      if (last.isUsable && last.idleUntil > now) return last;
      last.destroy();
    }
    return undefined;
  }

  private readonly sweep = (): void => {
    const now = performance.now();
    const surplus = this.needless - this.bounds.maxIdle;
    // Those that were used last are used first, so the first ones are those that nobody needed.
    const late = this.idle.filter(({ idleUntil }, nth) => idleUntil <= now || nth < surplus);
    for (const connection of late) {
      this.idle.splice(this.idle.indexOf(connection), 1);
      connection.destroy();
    }
    this.needless = this.idle.length;
    this.sweeping = this.idle.length > 0 ? setTimeout(this.sweep, SWEEP_MS).unref() : undefined;
  };
}
