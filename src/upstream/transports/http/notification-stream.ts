import { Client, type Dispatcher } from 'undici';

import type { Timer } from '../../../core/clock.js';
import { UnsentError } from '../../../core/errors.js';
import { Backoff } from '../../backoff.js';
import { EventReader } from './event-reader.js';
import { isEventStream } from './media-type.js';
import type { HttpHost } from './http-host.js';

const RETRY_MS = 1_000;
const RETRY_RANGE = { min: RETRY_MS, max: 30_000 };

type ResponseHeaders = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

/**
 * The stream by which a server speaks on its own: one GET that stays open, on a connection of its own. A
 * server that offers none says 405 and is left in peace; a stream that ends is opened again, gently.
 */
export class NotificationStream implements Dispatcher.DispatchHandler {
  private readonly client: Client;
  private readonly events: EventReader;
  private readonly backoff = new Backoff(RETRY_RANGE);
  private refused = false;
  private readable = false;
  private over = false;
  private waiting: Timer | undefined;

  constructor(
    private readonly wire: HttpHost,
    private readonly path: string,
    client: Client,
  ) {
    this.client = client;
    this.events = new EventReader(wire.inbound, wire.maxBytes, (incoming) => {
      if (!this.over) wire.inbound.deliver(incoming, undefined);
    });
  }

  open(): void {
    const { lastEventId } = this.events;
    const headers =
      lastEventId === undefined ? this.wire.session.get : { ...this.wire.session.get, 'last-event-id': lastEventId };
    this.readable = false;
    this.client.dispatch({ method: 'GET', path: this.path, headers }, this);
  }

  close(): Promise<void> {
    this.over = true;
    this.waiting?.cancel();
    return this.client.destroy();
  }

  onRequestStart(): void {
    // Nothing depends on it.
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    if (status < 200) return;
    this.readable = status === 200 && isEventStream(headers['content-type']);
    if (this.readable) {
      this.events.begin();
      return;
    }
    this.refused = status < 500 && status !== 429;
    if (status === 404 && this.wire.session.exists) {
      this.wire.end(new UnsentError('upstream_unavailable', 'the server does not know the session any more'));
    }
    controller.abort(new Error('not an event stream'));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.readable || this.events.push(chunk)) return;
    this.wire.dropped('too_large');
    controller.abort(new Error('an event is longer than allowed'));
  }

  onResponseEnd(): void {
    this.ended();
  }

  onResponseError(): void {
    this.ended();
  }

  private ended(): void {
    if (this.over || this.refused) return;
    if (this.readable && this.events.fruitful) this.backoff.reset();
    const wait = Math.max(this.events.retryMs ?? RETRY_MS, this.backoff.next());
    this.waiting = this.wire.clock.after(Math.min(wait, RETRY_RANGE.max), () => this.open());
  }
}
