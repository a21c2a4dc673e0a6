import { Inject, Injectable, Logger, type OnModuleDestroy, Optional } from '@nestjs/common';

import { ConfigService } from '../config/index.js';
import { CLOCK, type Clock, type Timer } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';
import type { Peer } from '../core/peer.js';
import { isSamePrincipal, principalKey, type Principal } from '../core/principal.js';
import { PrincipalTally } from '../core/principal-tally.js';
import { Sealer } from '../core/sealed.js';
import { topic, WORKER_BUS, type WorkerBus } from '../core/worker-bus.js';
import { KEY_VALUE, type KeyValue } from '../storage/index.js';
import { claimsOf, SealedSession, type SessionClaims } from './sealed-session.js';
import { SESSION_ASKED, SESSION_BOUND, SessionHomes, type SessionNews } from './session-homes.js';
import { SessionSection } from './session.section.js';

const SWEEP_MS = 30_000;
/** How many sessions may be set aside that only this process can bring back. */
const MAX_ASIDE = 100_000;
/** A session has ended for good, wherever it lives. */
const SESSION_ENDED = topic<{ readonly token: string; readonly mark: string; readonly forMs: number }>('session.ended');
/** How long other workers may take to hear that a session has ended. Milliseconds. */
const HEARD_WITHIN_MS = 2_000;
/** Longer than any id that was ever sealed here. */
const MAX_TOKEN_LENGTH = 4_096;

/**
 * The sessions over HTTP. An id is a sealed value that is bound to its principal, so a foreign, forged or
 * altered one is simply unknown. What cannot be sealed lives in this process, for a bounded number of
 * sessions, of which those silent longest give way to others; an ended session leaves a mark in the `KeyValue` store until its id would have expired.
 */
@Injectable()
export class SessionStore implements OnModuleDestroy {
  private readonly logger = new Logger('Sessions');
  private readonly live = new Map<string, SealedSession>();
  /** Ids of the sessions that were set aside, oldest first. */
  private readonly aside = new Set<string>();
  private readonly tally = new PrincipalTally();
  /** Undefined where no other worker serves the same sessions. */
  private readonly homes: SessionHomes | undefined;
  private sweeping: Timer | undefined;

  constructor(
    private readonly sealer: Sealer,
    @Inject(KEY_VALUE) private readonly marks: KeyValue,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly config: ConfigService,
    @Optional() @Inject(WORKER_BUS) private readonly bus?: WorkerBus,
  ) {
    if (!bus || bus.size === 1) return;
    this.homes = new SessionHomes(bus);
    bus.on(SESSION_ENDED, ({ token, mark, forMs }) => this.endedElsewhere(token, mark, forMs));
    bus.on(SESSION_ASKED, ({ token, mark }) => this.newsOf(token, mark));
    bus.on(SESSION_BOUND, ({ token }) => {
      const session = this.live.get(token);
      if (session) session.isBound = true;
    });
  }

  get size(): number {
    return this.live.size;
  }

  /**
   * @param routeName of the route where it begins
   * @throws `limit_sessions` when there is no room and every session is busy
   */
  create(peer: Peer, principal: Principal, routeName: string): SealedSession {
    this.makeRoom(principal);
    const now = this.clock.wall();
    const began = claimsOf(peer, routeName, now, now + this.config.get(SessionSection).maxAge);
    const claims = this.homes ? { ...began, home: this.homes.here } : began;
    return this.keep(claims, principal, this.sealer.seal('session', principalKey(principal), { ...claims }));
  }

  /**
   * The session of that id. Undefined when it is unknown, altered, expired, ended or somebody else's. The
   * answer is at hand when the session lives in this process, so that the data path waits for nothing.
   *
   * @throws `limit_sessions` when it would have to be taken in, there is no room and every session is busy
   */
  find(token: string, principal: Principal): SealedSession | undefined | Promise<SealedSession | undefined> {
    const session = this.live.get(token);
    if (!session) return token.length > MAX_TOKEN_LENGTH ? undefined : this.restore(token, principal);
    if (!isSamePrincipal(session.principal, principal)) return undefined;
    if (session.expiresAt <= this.clock.wall()) return undefined;
    if (session.principal !== principal && !this.regrant(session, principal)) return undefined;
    session.seenAt = this.clock.now();
    return session;
  }

  /** The session of that id where it is served here; whoever asks answers for it. */
  peek(token: string): SealedSession | undefined {
    return this.live.get(token);
  }

  /** From now on all that a session asks for is served here, where it is at home. */
  bind(session: SealedSession): void {
    session.isBound = true;
    this.bus?.tell(SESSION_BOUND, { token: session.token });
  }

  /** Id of the worker where a session is at home; undefined for this one, which may have just become it. */
  homeOf(session: SealedSession): Promise<string | undefined> {
    return this.homes?.settle(session) ?? Promise.resolve(undefined);
  }

  /** Ends a session for good. Its exchanges are cancelled at once; the rest of the world knows when this settles. */
  async end(session: SealedSession): Promise<void> {
    this.letGo(session);
    const ended = { token: session.token, mark: markOf(session.id), forMs: session.expiresAt - this.clock.wall() };
    const told = this.homes && this.bus?.askAll(SESSION_ENDED, ended, HEARD_WITHIN_MS);
    await this.marks.set(ended.mark, '1', ended.forMs);
    await told;
  }

  /** What another worker has to know that is about to serve a session which is at home here. */
  private async newsOf(token: string, mark: string): Promise<SessionNews> {
    const session = this.live.get(token);
    return { isOver: !session && (await this.marks.get(mark)) !== undefined, isBound: session?.isBound ?? false };
  }

  /** Another worker was told that it is over. */
  private async endedElsewhere(token: string, mark: string, forMs: number): Promise<void> {
    const session = this.live.get(token);
    if (session) this.letGo(session);
    await this.marks.set(mark, '1', forMs);
  }

  onModuleDestroy(): void {
    this.sweeping?.cancel();
    for (const session of this.live.values()) session.end();
    this.live.clear();
  }

  /** What was subscribed to with roles that somebody has lost ends with the session; of others it goes on. */
  private regrant(session: SealedSession, principal: Principal): boolean {
    const hasAll = session.principal.roles.every((role) => principal.roles.includes(role));
    if (hasAll) session.principal = principal;
    else void this.end(session).catch((thrown: unknown) => this.logger.error(thrown));
    return hasAll;
  }

  private async restore(token: string, principal: Principal): Promise<SealedSession | undefined> {
    const claims = this.sealer.open('session', principalKey(principal), token) as SessionClaims | undefined;
    if (!claims || claims.expiresAt <= this.clock.wall()) return undefined;
    // Where nobody else has the key, what is neither here nor set aside has ended: whether or not its mark was kept.
    if (!this.isShared && !this.aside.has(claims.sid)) return undefined;
    if ((await this.marks.get(markOf(claims.sid))) !== undefined) return undefined;
    const found = await this.homes?.find(claims, { token, mark: markOf(claims.sid) });
    if (found?.isOver) return undefined;
    // Two requests may have asked for it at the same time.
    const known = this.live.get(token);
    if (known) return known;
    this.makeRoom(principal);
    this.aside.delete(claims.sid);
    const session = this.keep(claims, principal, token);
    session.home = found?.home;
    session.isBound = found?.isBound ?? false;
    return session;
  }

  /** Whether other processes may have sealed, or be serving, the same sessions. */
  private get isShared(): boolean {
    return this.config.get(SessionSection).keys.length > 0 || (this.bus?.size ?? 1) > 1;
  }

  private keep(claims: SessionClaims, principal: Principal, token: string): SealedSession {
    const session = new SealedSession(claims, principal, token);
    session.seenAt = this.clock.now();
    this.live.set(token, session);
    this.tally.add(principal);
    this.sweeping ??= this.clock.after(SWEEP_MS, () => this.sweep());
    return session;
  }

  /**
   * Sets aside the session that was silent longest: its id brings it back, without its log level. A principal that has
   * as many as it may have makes room itself.
   */
  private makeRoom(principal: Principal): void {
    const { maxSessions, maxSessionsPerPrincipal } = this.config.get(SessionSection);
    const isGreedy = this.tally.of(principal) >= maxSessionsPerPrincipal;
    if (!isGreedy && this.live.size < maxSessions) return;
    const silent = this.longestSilent(isGreedy ? principal : undefined);
    if (!silent)
      throw new GatewayError('limit_sessions', 'too many sessions; try again later', { retryAfterMs: SWEEP_MS });
    this.setAside(silent);
  }

  /** @param owner whose it has to be, if anybody's */
  private longestSilent(owner: Principal | undefined): SealedSession | undefined {
    const now = this.clock.now();
    let silent: SealedSession | undefined;
    for (const session of this.live.values()) {
      if (owner && !isSamePrincipal(owner, session.principal)) continue;
      if (session.idleSince(now) && (!silent || session.seenAt < silent.seenAt)) silent = session;
    }
    return silent;
  }

  /** Ends a session here and leaves no mark: wherever its id opens, it goes on. */
  private setAside(session: SealedSession): void {
    this.letGo(session);
    this.aside.add(session.id);
    const [oldest] = this.aside;
    if (this.aside.size > MAX_ASIDE && oldest !== undefined) this.aside.delete(oldest);
  }

  private letGo(session: SealedSession): void {
    if (this.live.delete(session.token)) this.tally.remove(session.principal);
    session.end();
  }

  private sweep(): void {
    const idleSince = this.clock.now() - this.config.get(SessionSection).idleTimeout;
    const now = this.clock.wall();
    for (const session of this.live.values()) {
      const isIdle = session.idleSince(idleSince);
      // Here it is over in any case; a mark that could not be left only matters to other processes. Where others may be
      // serving it meanwhile, silent here is not silent everywhere.
      if (session.expiresAt <= now || (isIdle && !this.isShared)) this.end(session).catch(() => undefined);
      // Or its key was withdrawn.
      else if (isIdle || !this.sealer.hasKeyOf(session.token)) this.setAside(session);
    }
    this.sweeping = this.live.size > 0 ? this.clock.after(SWEEP_MS, () => this.sweep()) : undefined;
  }
}

function markOf(sid: string): string {
  return `session-ended:${sid}`;
}
