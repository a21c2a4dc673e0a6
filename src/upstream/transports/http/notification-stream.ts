import type { ResponseControl, ResponseHead, ResponseListener } from './client/response-listener.js';

import type { Timer } from '../../../core/clock.js';
import type { CredentialHeaders } from '../../credentials/credentials.js';
import { Backoff } from '../../backoff.js';
import { SessionLostError } from '../../session-lost.js';
import { EventReader } from './event-reader.js';
import type { HttpConnections } from './http-connections.js';
import type { HttpHost } from './http-host.js';
import { isEventStream } from './media-type.js';
import { ResponseFlow } from './response-flow.js';

const RETRY_MS = 1_000;
const RETRY_RANGE = { min: RETRY_MS, max: 30_000 };
/** How long a session waits for its stream, where it has anything to lose. Servers may answer with their first event only. */
const PATIENCE_MS = 300;

/** What a server that has had such a stream means for good when it says it: there is none any more. */
const GONE = new Set([404, 405]);

/**
 * The stream by which a server speaks on its own: one GET that stays open, on a connection of its own. A
 * server that offers none says 405 and is left in peace; a stream that ends is opened again, gently.
 */
export class NotificationStream implements ResponseListener {
  private readonly events: EventReader;
  private readonly backoff = new Backoff(RETRY_RANGE);
  private refused = false;
  /** Whether there ever was one. */
  private offered = false;
  private readable = false;
  private over = false;
  private waiting: Timer | undefined;
  private readonly flow = new ResponseFlow();
  private readonly answer = Promise.withResolvers<void>();
  private breakOff: (() => void) | undefined;
  private giveBack: (() => void) | undefined;
  private credential: CredentialHeaders | undefined;

  constructor(
    private readonly wire: HttpHost,
    private readonly connections: HttpConnections,
  ) {
    this.events = new EventReader(wire.inbound, wire.maxBytes, (incoming) => {
      if (!this.over) wire.inbound.deliver(incoming, undefined);
    });
  }

  /** Opens the stream once there may be another one to this server. */
  open(): void {
    this.giveBack = this.connections.slots.take(() => this.request());
  }

  /** Resolves when the server has answered, or when it takes too long: what it says on its own before that may be lost. */
  async answered(): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = this.wire.clock.after(PATIENCE_MS, late.resolve);
    await Promise.race([this.answer.promise, late.promise]);
    timer.cancel();
  }

  pause(): void {
    this.flow.hold();
  }

  resume(): void {
    this.flow.release();
  }

  close(): void {
    this.over = true;
    this.answer.resolve();
    this.waiting?.cancel();
    this.flow.end();
    this.breakOff?.();
    this.giveBack?.();
  }

  onRequestStart(): void {
    // Nothing depends on it.
  }

  onResponseStart(controller: ResponseControl, { status, contentType }: ResponseHead): void {
    this.answer.resolve();
    this.readable = status === 200 && isEventStream(contentType);
    if (this.readable) {
      this.offered = true;
      this.flow.begin(controller);
      this.events.begin();
      return;
    }
    // It may take the stream that broke for open still, or not know any more what came on it.
    this.refused = this.offered ? GONE.has(status) : status < 500 && status !== 429;
    if (status === 401 && this.wire.refused(this.credential)) this.refused = false;
    if (status === 400) this.events.lastEventId = undefined;
    if (status === 404 && this.wire.session.exists) this.wire.end(new SessionLostError());
    controller.abort(new Error('not an event stream'));
  }

  onResponseData(controller: ResponseControl, chunk: Buffer): void {
    if (!this.readable) return;
    this.flow.took(chunk.length);
    if (this.events.push(chunk)) return;
    this.wire.dropped('too_large');
    controller.abort(new Error('an event is longer than allowed'));
  }

  onResponseEnd(): void {
    this.ended();
  }

  onResponseError(): void {
    this.ended();
  }

  private request(): void {
    const { lastEventId } = this.events;
    const { get } = this.wire.session;
    this.readable = false;
    this.wire.authorized(
      lastEventId === undefined ? get : { ...get, 'last-event-id': lastEventId },
      (headers, credential) => {
        if (this.over) return;
        this.credential = credential;
        this.breakOff = this.connections.stream(headers, this);
      },
      () => this.ended(),
    );
  }

  private ended(): void {
    this.answer.resolve();
    this.flow.end();
    if (this.over) return;
    this.breakOff?.();
    if (this.refused) return this.giveBack?.();
    if (this.readable && this.events.fruitful) this.backoff.reset();
    const wait = Math.max(this.events.retryMs ?? RETRY_MS, this.backoff.next());
    this.waiting = this.wire.clock.after(Math.min(wait, RETRY_RANGE.max), () => this.request());
  }
}
