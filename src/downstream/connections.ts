import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock } from '../core/clock.js';
import { Events, type DownstreamTransport } from '../core/events.js';
import type { Principal } from '../core/principal.js';
import { PrincipalTally } from '../core/principal-tally.js';
import type { ConnectionRegistry, ConnectionView } from '../core/views.js';
import { Audience } from '../routing/index.js';
import type { Session } from '../session/index.js';
import { CredentialExpiry, type Expiring } from './credential-expiry.js';
import { SessionCourier } from './session-courier.js';

/** A downstream that is here: a connection that is its session (WebSocket, SSE, unix), or a session over Streamable HTTP. */
export interface Connected extends Pick<Expiring, 'expire'> {
  readonly session: Session;
  readonly transport: DownstreamTransport;
  readonly routeName: string;
  readonly clientAddress: string;
  /** An operator wants it gone. */
  close(): void;
  /** The gateway goes away: nothing new is taken, what is in flight may still be answered. */
  drain(): void;
}

interface Entry {
  readonly connected: Connected;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
}

/** Everybody who is connected, by the id of their stay. */
@Injectable()
export class Connections implements ConnectionRegistry {
  private readonly connected = new Map<string, Entry>();
  /** Sessions that are at home in another worker, and served here as well. */
  private readonly away = new Map<string, Connected>();
  private readonly lastingOfEach = new PrincipalTally();
  private lastingCount = 0;

  constructor(
    private readonly events: Events,
    private readonly audience: Audience,
    private readonly courier: SessionCourier,
    private readonly expiry: CredentialExpiry,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** How many connections are open that last as long as their sessions. */
  get lasting(): number {
    return this.lastingCount;
  }

  /** How many of those a principal has. */
  lastingOf(principal: Principal): number {
    return this.lastingOfEach.of(principal);
  }

  /** Enters one until its session ends, and lets it be told what concerns its route. */
  open(connected: Connected): void {
    const { session, transport } = connected;
    const { id } = session;
    if (this.connected.has(id)) return;
    this.away.delete(id);
    session.courier = this.courier;
    this.audience.enter(session.routeName, session);
    this.connected.set(id, { connected, openedAt: this.clock.wall() });
    const expiring = transport === 'streamable_http' ? undefined : this.stay(connected);
    this.events.emit('connection.opened', { transport, id });
    session.onEnd(() => {
      if (expiring) this.leave(expiring);
      this.connected.delete(id);
      this.events.emit('connection.closed', { transport, id });
    });
  }

  /** Enters one that is listed and told of changes in another worker, for the end of this one. */
  openAway(connected: Connected): void {
    const { session } = connected;
    this.away.set(session.id, connected);
    session.onEnd(() => this.away.delete(session.id));
  }

  /** Its session is as long as it, and no longer than the credential that it was opened with. */
  private stay(connected: Connected): Expiring {
    const { session } = connected;
    const { principal } = session;
    const expiring: Expiring = { principal, route: session.routeName, expire: () => connected.expire() };
    this.lastingCount++;
    this.lastingOfEach.add(principal);
    this.expiry.watch(expiring);
    return expiring;
  }

  private leave(expiring: Expiring): void {
    this.lastingCount--;
    this.lastingOfEach.remove(expiring.principal);
    this.expiry.forget(expiring);
  }

  list(): readonly ConnectionView[] {
    return [...this.connected.values()].map(viewOf);
  }

  close(id: string): boolean {
    const entry = this.connected.get(id);
    entry?.connected.close();
    return entry !== undefined;
  }

  all(): readonly Connected[] {
    return [...[...this.connected.values()].map(({ connected }) => connected), ...this.away.values()];
  }
}

function viewOf({ connected, openedAt }: Entry): ConnectionView {
  const { session, transport, routeName, clientAddress } = connected;
  const peer = session.peer ?? session.visitor;
  return {
    id: session.id,
    transport,
    route: routeName,
    clientAddress,
    era: peer?.era,
    revision: peer?.revision,
    client: peer && `${peer.info.name} ${peer.info.version}`.trim(),
    principal: session.principal.subject,
    openedAt,
    pending: session.pending,
    requests: session.requests,
  };
}
