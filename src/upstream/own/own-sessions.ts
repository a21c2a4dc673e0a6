import { DeadlineSweep } from '../../core/deadline-sweep.js';
import { GatewayError, UnsentError } from '../../core/errors.js';
import type { SessionEnd } from '../../core/events.js';
import type { ServerRef } from '../../core/exchange.js';
import type { Call } from '../channel/call.js';
import type { Holder } from '../holder.js';
import { isFirstToGo, type ChildKeeper } from './children.js';
import { OwnSession, type OwnSessionHost, type OwnSessionParts } from './own-session.js';

/**
 * The own sessions of one server, one for each holder that has sent something. They end with their holder, when
 * they have been idle for too long, and, the longest idle first, to make room for others.
 */
export class OwnSessions implements OwnSessionHost, ChildKeeper {
  /** Those that take requests, by the keys of their holders. */
  private readonly current = new Map<string, OwnSession>();
  /** Those, and those that are on their way out. */
  private readonly alive = new Set<OwnSession>();
  /** The holders that have had one. */
  private readonly known = new WeakSet<Holder>();
  private readonly sweep: DeadlineSweep<OwnSession>;
  private readonly leaveChildren: (() => void) | undefined;
  private isClosed = false;

  constructor(
    private readonly ref: ServerRef,
    private readonly parts: OwnSessionParts,
  ) {
    this.sweep = new DeadlineSweep(
      parts.context.clock,
      () => this.current.values(),
      (idle) => this.expired(idle),
    );
    this.leaveChildren = parts.children?.join(this);
  }

  get size(): number {
    return this.current.size;
  }

  /** The one that is the first to make room. */
  get idlest(): OwnSession | undefined {
    let idlest: OwnSession | undefined;
    for (const session of this.current.values()) {
      if (!session.isBusy && isFirstToGo(session, idlest)) idlest = session;
    }
    return idlest;
  }

  has(holder: Holder): boolean {
    return this.current.has(holder.key);
  }

  /** Whether the holder has one that is open already. */
  isOpen(holder: Holder): boolean {
    return this.current.get(holder.key)?.isOpen ?? false;
  }

  /** Sends on the session of the holder, which is opened if there is none. The call hears whatever happens. */
  send(call: Call, holder: Holder): void {
    const session = this.current.get(holder.key) ?? this.begin(holder);
    if (session instanceof GatewayError) return call.failed(session);
    session.adopt(holder);
    session.send(call);
  }

  /** Dropped where the holder has no session. */
  notify(method: string, params: Buffer | undefined, holder: Holder): void {
    this.current.get(holder.key)?.notify(method, params);
  }

  setLogLevel(level: string, holder: Holder): void {
    this.current.get(holder.key)?.setLogLevel(level);
  }

  /** Ends all of them, for good. Settles when nothing is left of them. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.leaveChildren?.();
    await Promise.all(Array.from(this.alive, (session) => session.end('retired')));
    this.sweep.close();
  }

  opened(session: OwnSession): void {
    const { holder } = session;
    this.parts.context.events.emit('upstream_session.opened', this.ref);
    const isAnother = this.known.has(holder);
    this.known.add(holder);
    if (isAnother) holder.renewed(session.server);
  }

  left(session: OwnSession, why: SessionEnd | undefined): void {
    const { holder } = session;
    if (this.current.get(holder.key) === session) this.current.delete(holder.key);
    if (why === undefined) return;
    this.parts.context.events.emit('upstream_session.closed', { ...this.ref, why });
    if (why === 'lost') holder.lost(session.server);
  }

  gone(session: OwnSession): void {
    this.alive.delete(session);
  }

  rested(session: OwnSession): void {
    this.sweep.watch(session.deadline);
  }

  private begin(holder: Holder): OwnSession | GatewayError {
    if (this.isClosed || holder.ended) {
      return new UnsentError('upstream_unavailable', 'no upstream session is opened any more');
    }
    if (this.current.size >= this.parts.context.settings.maxSessions) {
      const { idlest } = this;
      if (!idlest) return new UnsentError('upstream_overloaded', 'all sessions of the server are busy');
      void idlest.end('evicted');
    }
    const session = new OwnSession(holder, this.parts, this);
    this.current.set(holder.key, session);
    this.alive.add(session);
    session.start();
    return session;
  }

  private expired(session: OwnSession): void {
    if (!session.isNeeded) return void session.end('idle');
    session.quiet();
  }
}
