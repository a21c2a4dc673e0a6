import type { ResponseControl, ResponseHead, ResponseListener } from '../http/client/response-listener.js';

import { GatewayError } from '../../../core/errors.js';
import { isEventStream } from '../http/media-type.js';
import { ResponseFlow } from '../http/response-flow.js';
import { SseParser, type SseListener } from '../http/sse-parser.js';
import { statusFailure } from '../http/status-error.js';

/** Who hears what the stream brings. */
export interface StreamListener {
  /** The first thing a server says: where messages go to. */
  endpoint(said: string): void;
  /** One message, after the endpoint. */
  message(data: Buffer): void;
  /** Something that is neither. */
  unknown(): void;
  /** The stream is over, or there is none. Called once, and nothing after it. */
  ended(why: GatewayError): void;
}

/** The stream on which a server of 2024-11-05 says everything: first its endpoint, then messages. */
export class ServerStream implements ResponseListener, SseListener {
  readonly flow = new ResponseFlow();
  private readonly parser: SseParser;
  private introduced = false;
  private refusal: GatewayError | undefined;
  private over = false;

  constructor(
    maxBytes: number,
    private readonly listener: StreamListener,
  ) {
    this.parser = new SseParser(maxBytes, this);
  }

  /** Nothing is said to the listener any more. */
  close(): void {
    this.over = true;
    this.flow.end();
  }

  onRequestStart(): void {
    // Nothing depends on it.
  }

  onResponseStart(controller: ResponseControl, { status, contentType }: ResponseHead): void {
    this.flow.begin(controller);
    if (status === 200 && isEventStream(contentType)) return;
    this.refusal = status === 200 ? noStream() : statusFailure(status);
    controller.abort(this.refusal);
  }

  onResponseData(controller: ResponseControl, chunk: Buffer): void {
    if (this.over) return;
    this.flow.took(chunk.length);
    if (this.parser.push(Buffer.from(chunk))) return;
    this.refusal = new GatewayError('upstream_unavailable', 'the server sent a message longer than allowed');
    controller.abort(this.refusal);
  }

  onResponseEnd(): void {
    this.end(new GatewayError('upstream_unavailable', 'the server closed the connection'));
  }

  onResponseError(_: ResponseControl | undefined, cause: Error): void {
    this.end(
      this.refusal ?? new GatewayError('upstream_unavailable', 'the connection to the server failed', {}, { cause }),
    );
  }

  event(data: Buffer, name: string | undefined): void {
    if (this.over) return;
    if (name === 'endpoint' && !this.introduced) {
      this.introduced = true;
      this.listener.endpoint(data.toString());
    } else if (name === undefined && this.introduced) {
      this.listener.message(data);
    } else {
      this.listener.unknown();
    }
  }

  eventId(): void {
    // Such a stream cannot be continued.
  }

  retry(): void {
    // Nor is it opened again by itself.
  }

  private end(why: GatewayError): void {
    this.flow.end();
    if (this.over) return;
    this.over = true;
    this.listener.ended(why);
  }
}

function noStream(): GatewayError {
  return new GatewayError('upstream_protocol_error', 'the server answered with something else than an event stream');
}
