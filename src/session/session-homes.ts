import { SESSION_HOMED } from '../core/session-home.js';
import { PRIMARY_ID, topic, type WorkerBus } from '../core/worker-bus.js';
import type { SealedSession, SessionClaims } from './sealed-session.js';

/** How long the home of a session, or the primary, may take to answer. Milliseconds. */
const WITHIN_MS = 2_000;

/** Asked of the worker where a session is at home, by one that is about to serve it as well. */
export const SESSION_ASKED = topic<{ readonly token: string; readonly mark: string }, SessionNews>('session.asked');
/** From now on all that a session asks for is served where it is at home. */
export const SESSION_BOUND = topic<{ readonly token: string }>('session.bound');

/** What its home knows of a session. */
export interface SessionNews {
  /** It has ended for good. */
  readonly isOver: boolean;
  /** All that it asks for is served there. */
  readonly isBound: boolean;
}

/** Where a session is at home, and what is known of it there. */
export interface Found extends SessionNews {
  /** Id of another worker; undefined for this one. */
  readonly home: string | undefined;
}

const HERE: Found = { home: undefined, isOver: false, isBound: false };

/**
 * Where sessions are at home, among the workers of one start: in the worker that introduced them, which has what belongs
 * to none of their requests (stream, subscriptions, log level, sessions with servers), or where that has gone, in
 * whichever needed it first after that.
 */
export class SessionHomes {
  constructor(private readonly bus: WorkerBus) {}

  /** What is sealed into the sessions that begin here. */
  get here(): string {
    return this.bus.self.id;
  }

  /** Never rejects: a session whose home does not answer is served all the same. */
  async find(
    { sid, home }: SessionClaims,
    question: { readonly token: string; readonly mark: string },
  ): Promise<Found> {
    if (home === this.here) return HERE;
    const found = home !== undefined && this.isThere(home) ? home : await this.takeOver(sid);
    if (found === this.here) return HERE;
    const news = await this.bus.ask(SESSION_ASKED, question, found, WITHIN_MS).catch(() => HERE);
    return { ...news, home: found };
  }

  /** Looks again whether the home of a session is there, and moves it where it is not. Never rejects. */
  async settle(session: SealedSession): Promise<string | undefined> {
    const { home } = session;
    if (home === undefined || this.isThere(home)) return home;
    const found = await this.takeOver(session.id);
    session.home = found === this.here ? undefined : found;
    return session.home;
  }

  private isThere(home: string): boolean {
    return this.bus.workers().some(({ id }) => id === home);
  }

  /** Without a primary there is nobody to agree with. */
  private takeOver(sid: string): Promise<string> {
    return this.bus.ask(SESSION_HOMED, { sid }, PRIMARY_ID, WITHIN_MS).catch(() => this.here);
  }
}
