import type { ServerResponse } from 'node:http';

import { Injectable } from '@nestjs/common';

import { ConfigService } from '../../config/index.js';
import type { SealedSession } from '../../session/index.js';
import { ServerSection } from '../server.section.js';
import { KeepAlive, type Quiet } from './keep-alive.js';
import { SseStream } from './sse-stream.js';

/** The event stream that a session opened by GET, for what belongs to no request. */
export class SessionStream implements Quiet {
  spokeAt: number;
  place = -1;
  private readonly stream: SseStream;

  constructor(
    response: ServerResponse,
    maxQueuedBytes: number,
    private readonly keepAlives: KeepAlive,
  ) {
    this.stream = new SseStream(response, maxQueuedBytes);
    this.spokeAt = keepAlives.now();
    // At once, so that nobody on the way waits for a first byte.
    this.stream.comment();
  }

  send(frame: Buffer): void {
    this.spokeAt = this.keepAlives.now();
    this.stream.send(frame);
  }

  keepAlive(): void {
    this.spokeAt = this.keepAlives.now();
    this.stream.comment();
  }

  end(): void {
    this.stream.end();
  }
}

/** One stream a session: a newer one takes the place of the older. */
@Injectable()
export class SessionStreams {
  private readonly streams = new Map<string, SessionStream>();
  private readonly maxQueuedBytes: number;

  constructor(
    private readonly keepAlives: KeepAlive,
    config: ConfigService,
  ) {
    this.maxQueuedBytes = config.get(ServerSection).queueHardBytes;
  }

  get size(): number {
    return this.streams.size;
  }

  /** The stream of a session, by its id, while it is open. */
  of(sessionId: string): SessionStream | undefined {
    return this.streams.get(sessionId);
  }

  open(session: SealedSession, response: ServerResponse): void {
    this.streams.get(session.id)?.end();
    const stream = new SessionStream(response, this.maxQueuedBytes, this.keepAlives);
    this.streams.set(session.id, stream);
    this.keepAlives.add(stream);
    session.streams++;
    const forget = session.onEnd(() => stream.end());
    response.once('close', () => {
      forget();
      session.streams--;
      session.seenAt = this.keepAlives.now();
      this.keepAlives.remove(stream);
      if (this.streams.get(session.id) === stream) this.streams.delete(session.id);
    });
  }

  endAll(): void {
    for (const stream of this.streams.values()) stream.end();
  }
}
