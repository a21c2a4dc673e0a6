import { Injectable } from '@nestjs/common';

import type { Principal } from '../../core/principal.js';
import type { SealedSession } from '../../session/index.js';
import { CredentialExpiry, type Expiring } from '../credential-expiry.js';
import type { HttpResponse } from './http-message.js';
import { KeepAlive } from './keep-alive.js';
import { MessageStreams } from './message-streams.js';
import { SessionStream, type SessionStreamHost } from './session-stream.js';

/** One stream a session, for what belongs to no request: a newer one takes the place of the older. */
@Injectable()
export class SessionStreams implements SessionStreamHost {
  private readonly streams = new Map<string, SessionStream>();
  /** What those of them were opened with that end with it. */
  private readonly credentials = new Map<string, Expiring>();

  constructor(
    readonly keepAlives: KeepAlive,
    readonly messages: MessageStreams,
    private readonly expiry: CredentialExpiry,
  ) {}

  /** Whether a session has one, which its client listens to or may come back to. */
  has({ id }: SealedSession): boolean {
    return this.streams.has(id);
  }

  /** @param principal by whose credential it is opened, and with which it ends */
  open(session: SealedSession, principal: Principal, response: HttpResponse): void {
    this.streams.get(session.id)?.end();
    this.streams.set(session.id, new SessionStream(session, response, this));
    this.lasts(session, principal);
  }

  /** The client has come back to its stream, with a credential of its own again. */
  lasts(session: SealedSession, principal: Principal): void {
    this.forget(session);
    if (!this.has(session)) return;
    const { routeName: route } = session;
    const expiring: Expiring = { principal, route, expire: () => this.streams.get(session.id)?.dismiss() };
    this.credentials.set(session.id, expiring);
    this.expiry.watch(expiring);
  }

  ended({ session }: SessionStream): void {
    this.streams.delete(session.id);
    this.forget(session);
  }

  /** Ends them all; clients that can are asked to come back. */
  dismissAll(): void {
    for (const stream of this.streams.values()) stream.dismiss();
  }

  private forget({ id }: SealedSession): void {
    const known = this.credentials.get(id);
    if (!known) return;
    this.credentials.delete(id);
    this.expiry.forget(known);
  }
}
