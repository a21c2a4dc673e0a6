import type { ServerResponse } from 'node:http';

import { Injectable } from '@nestjs/common';

import type { SealedSession } from '../../session/index.js';
import { KeepAlive } from './keep-alive.js';
import { MessageStreams } from './message-streams.js';
import { SessionStream, type SessionStreamHost } from './session-stream.js';

/** One stream a session, for what belongs to no request: a newer one takes the place of the older. */
@Injectable()
export class SessionStreams implements SessionStreamHost {
  private readonly streams = new Map<string, SessionStream>();

  constructor(
    readonly keepAlives: KeepAlive,
    readonly messages: MessageStreams,
  ) {}

  /** Whether a session has one, which its client listens to or may come back to. */
  has({ id }: SealedSession): boolean {
    return this.streams.has(id);
  }

  open(session: SealedSession, response: ServerResponse): void {
    this.streams.get(session.id)?.end();
    this.streams.set(session.id, new SessionStream(session, response, this));
  }

  ended({ session }: SessionStream): void {
    this.streams.delete(session.id);
  }

  /** Ends them all; clients that can are asked to come back. */
  dismissAll(): void {
    for (const stream of this.streams.values()) stream.dismiss();
  }
}
