import type { ResponseControl, ResponseHead, ResponseListener } from './client/response-listener.js';

import { GatewayError, UnsentError } from '../../../core/errors.js';
import type { Incoming } from '../../../protocol/index.js';
import { SessionLostError } from '../../session-lost.js';
import { EventReader } from './event-reader.js';
import { isEventStream, isJson } from './media-type.js';
import type { Abandonable, HttpHost } from './http-host.js';
import { ReplyBody } from './reply-body.js';
import { ResponseFlow } from './response-flow.js';
import type { SessionRefusal } from './session-refusal.js';
import { statusFailure } from './status-error.js';

/** Before there is a response. */
const NO_BODY = new ReplyBody(0);

const DEFAULT_RETRY_MS = 1_000;
const LEAST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 30_000;

/** How much of the body of a refusal is read, so that its connection can be used again. */
const REFUSAL_BYTES = 64 * 1_024;

/**
 * One request on its way by POST, until its reply is in: as one JSON body, or as the last message of an
 * event stream. A stream that ends too early is continued by GET when the server gave its events ids.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
 */
export class RequestPost implements ResponseListener, Abandonable {
  private controller: ResponseControl | undefined;
  private started = false;
  private resuming = false;
  private over = false;
  private refusal: GatewayError | undefined;
  /** What it comes to that the body is not the reply. */
  private otherwise: GatewayError | undefined;
  private refusedSession: SessionRefusal | undefined;
  private events: EventReader | undefined;
  private body = NO_BODY;
  private refusedBytes = 0;
  private readonly flow = new ResponseFlow();
  private paused = false;

  constructor(
    private readonly wire: HttpHost,
    private readonly requestId: number,
  ) {}

  /** Nobody waits any more: the exchange is broken off. */
  abandon(): void {
    this.over = true;
    this.controller?.abort(new Error('abandoned'));
  }

  /** Nothing more is read of its response, until `resume`. */
  pause(): void {
    this.paused = true;
    this.settle();
  }

  resume(): void {
    this.paused = false;
    this.settle();
  }

  /** Reads or does not, as it is wanted for this request and for the wire. */
  settle(): void {
    if (this.paused || this.wire.isPaused) this.flow.hold();
    else this.flow.release();
  }

  onRequestQueued(controller: ResponseControl): void {
    this.controller = controller;
  }

  onRequestStart(): void {
    this.started = true;
  }

  onResponseStart(controller: ResponseControl, head: ResponseHead): void {
    const { wire } = this;
    const { status, contentType } = head;
    this.body = new ReplyBody(head.length);
    this.settle();
    this.flow.begin(controller);
    if (status !== 200) {
      const failure = status < 300 ? unanswered() : statusFailure(status);
      if (wire.session.brings(status) && isJson(contentType)) this.otherwise = failure;
      else this.refusal = failure;
      if (!this.resuming) this.refusedSession = wire.session.refusal(status);
    } else if (isEventStream(contentType)) {
      wire.session.adopt(head.sessionId);
      this.events ??= new EventReader(wire.inbound, wire.maxBytes, (incoming) => this.take(incoming));
      this.events.begin();
    } else if (isJson(contentType) && !this.resuming) {
      wire.session.adopt(head.sessionId);
    } else {
      this.refusal = new GatewayError('upstream_protocol_error', 'the server answered with something else than JSON');
    }
  }

  onResponseData(controller: ResponseControl, chunk: Buffer): void {
    if (this.events && !this.refusal) {
      this.flow.took(chunk.length);
      if (!this.events.push(chunk)) this.tooLong(controller);
      return;
    }
    if (this.refusal) {
      this.refusedSession?.read(chunk);
      this.refusedBytes += chunk.length;
      if (this.refusedBytes > REFUSAL_BYTES) controller.abort(this.refusal);
      return;
    }
    if (this.body.length + chunk.length > this.wire.maxBytes) this.tooLong(controller);
    else this.body.push(chunk);
  }

  onResponseEnd(): void {
    this.flow.end();
    if (this.over) this.wire.finished(this);
    else if (this.refusal) this.refused(this.refusal);
    else if (this.events) this.interrupted();
    else this.bodyComplete();
  }

  onResponseError(_: ResponseControl | undefined, cause: Error): void {
    this.flow.end();
    if (this.over) {
      this.wire.finished(this);
    } else if (this.refusal) {
      this.refused(this.refusal);
    } else if (!this.started) {
      const error = new UnsentError('upstream_unavailable', 'the server could not be connected to', {}, { cause });
      this.wire.end(error);
      this.fail(error);
    } else if (this.events) {
      this.interrupted();
    } else {
      this.fail(new GatewayError('upstream_unavailable', 'the connection broke before the reply', {}, { cause }));
    }
  }

  private refused(refusal: GatewayError): void {
    if (!this.refusedSession?.isOfSession) return this.fail(refusal);
    const lost = new SessionLostError(refusal);
    this.wire.end(lost);
    this.fail(lost);
  }

  private bodyComplete(): void {
    const incoming = this.wire.inbound.read(this.body.take());
    if (incoming.kind === 'batch') for (const message of incoming.messages) this.take(message);
    else this.take(incoming);
    if (!this.over) this.fail(this.otherwise ?? unanswered());
  }

  /** Only the reply to this very request may come this way: the server cannot answer others in its place. */
  private take(incoming: Incoming): void {
    if (incoming.kind === 'batch') {
      for (const message of incoming.messages) this.take(message);
      return;
    }
    if (incoming.kind === 'reply' || incoming.kind === 'malformed') {
      if (incoming.id?.value !== this.requestId) {
        this.wire.dropped(incoming.kind === 'reply' ? 'unknown_id' : 'malformed');
        return;
      }
      this.over = true;
      this.wire.replied(this.requestId, this.events !== undefined);
    }
    this.wire.listener.message(incoming, this.requestId);
  }

  /** The stream ended without the reply. */
  private interrupted(): void {
    const { events, wire } = this;
    const { resumes } = wire.session;
    if (!resumes || events?.lastEventId === undefined || (this.resuming && !events.fruitful) || wire.isEnding) {
      this.fail(new GatewayError('upstream_unavailable', 'the connection broke before the reply'));
      return;
    }
    this.resuming = true;
    const wait = Math.min(Math.max(events.retryMs ?? DEFAULT_RETRY_MS, LEAST_RETRY_MS), LONGEST_RETRY_MS);
    wire.clock.after(wait, () => {
      if (!this.over) wire.continue(events.lastEventId ?? '', this.requestId);
    });
  }

  private tooLong(controller: ResponseControl): void {
    this.refusal = new GatewayError('upstream_protocol_error', 'the server sent a message longer than allowed');
    controller.abort(this.refusal);
  }

  private fail(error: GatewayError): void {
    if (this.over) return;
    this.over = true;
    this.wire.failed(this.requestId, error);
  }
}

function unanswered(): GatewayError {
  return new GatewayError('upstream_protocol_error', 'the server did not answer the request');
}
