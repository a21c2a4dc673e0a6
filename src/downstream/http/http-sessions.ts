import { Injectable, Logger } from '@nestjs/common';

import type { Peer } from '../../core/peer.js';
import { type SealedSession, SessionStore } from '../../session/index.js';
import { type Connected, Connections } from '../connections.js';
import type { HttpCall } from './http-call.js';

/** The sessions of HTTP downstreams, entered among the connections as long as they last. */
@Injectable()
export class HttpSessions {
  private readonly logger = new Logger('HttpSessions');

  constructor(
    private readonly store: SessionStore,
    private readonly connections: Connections,
  ) {}

  /** @throws `limit_sessions` */
  create(peer: Peer, call: HttpCall): SealedSession {
    return this.enter(this.store.create(peer, call.principal, call.route.name), call);
  }

  /** As `SessionStore.find`; by another address than the one where it began, a session is unknown. */
  find(token: string, call: HttpCall): SealedSession | undefined | Promise<SealedSession | undefined> {
    const found = this.store.find(token, call.principal);
    if (!(found instanceof Promise)) return belongs(found, call) ? found : undefined;
    return found.then((session) => (belongs(session, call) ? this.enter(session, call) : undefined));
  }

  /** As `SessionStore.homeOf`; a session that comes to be at home here is entered as one that began here. */
  async homeOf(session: SealedSession, call: HttpCall): Promise<string | undefined> {
    const home = await this.store.homeOf(session);
    if (home === undefined && !session.ended) this.enter(session, call);
    return home;
  }

  /** As `SessionStore.bind`. */
  bind(session: SealedSession): void {
    this.store.bind(session);
  }

  end(session: SealedSession): Promise<void> {
    return this.store.end(session);
  }

  private enter(session: SealedSession, { route, clientAddress }: HttpCall): SealedSession {
    const connected: Connected = {
      session,
      transport: 'streamable_http',
      routeName: route.name,
      clientAddress,
      close: () => void this.store.end(session).catch((thrown: unknown) => this.logger.error(thrown)),
      // Others may carry it on; it costs nothing while nobody asks for anything.
      drain: () => undefined,
      // Each request has a credential of its own.
      expire: () => undefined,
    };
    // Where it is at home it is counted, listed, and told what concerns its route.
    if (session.home === undefined) this.connections.open(connected);
    else this.connections.openAway(connected);
    return session;
  }
}

function belongs(session: SealedSession | undefined, { route }: HttpCall): session is SealedSession {
  return session !== undefined && session.routeName === route.name;
}
