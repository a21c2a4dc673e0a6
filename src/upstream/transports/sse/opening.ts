import type { Timer } from '../../../core/clock.js';
import { GatewayError, UnsentError } from '../../../core/errors.js';
import type { Wire, WireContext, WireListener } from '../../wire.js';
import { CredentialsError, type CredentialHeaders } from '../../credentials/credentials.js';
import { Authorization } from '../http/authorization.js';
import type { HttpConnections } from '../http/http-connections.js';
import { type Headers, KeptSession } from '../http/http-session.js';
import { saysUnauthorized } from '../http/status-error.js';
import { endpointPath } from './endpoint.js';
import { ServerStream, type StreamListener } from './server-stream.js';
import { SseWire } from './sse.wire.js';

/**
 * Opens the stream of a server of 2024-11-05 and waits for its endpoint, within the connect time-out.
 *
 * @param connections held for the wire, which releases them when it is closed; released here when there is none
 * @param giveUp when it aborts, nobody waits any more
 * @throws `upstream_unavailable` as `UnsentError`
 */
export function openSse(
  context: WireContext,
  listener: WireListener,
  connections: HttpConnections,
  giveUp?: AbortSignal,
): Promise<Wire> {
  return new Opening(context, listener, connections, giveUp).opened;
}

class Opening implements StreamListener {
  readonly opened: Promise<Wire>;
  private readonly stream: ServerStream;
  private readonly patience: Timer;
  private readonly abort = (): void => this.ended(new GatewayError('exchange_cancelled', 'nobody waits any more'));
  private resolve!: (wire: Wire) => void;
  private reject!: (error: GatewayError) => void;
  private giveBack: (() => void) | undefined;
  private client: (() => void) | undefined;
  private wire: SseWire | undefined;
  private over = false;
  private readonly authorization: Authorization | undefined;
  private credential: CredentialHeaders | undefined;

  constructor(
    private readonly context: WireContext,
    private readonly listener: WireListener,
    private readonly connections: HttpConnections,
    private readonly giveUp: AbortSignal | undefined,
  ) {
    const { settings, clock } = context;
    this.opened = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.authorization = Authorization.of(context);
    this.stream = new ServerStream(settings.maxMessageBytes, this);
    this.patience = clock.after(settings.connectTimeout, () =>
      this.ended(new GatewayError('upstream_timeout', 'the server named no endpoint in time')),
    );
    giveUp?.addEventListener('abort', this.abort);
    this.giveBack = connections.slots.take(() => {
      this.request();
    });
    if (giveUp?.aborted) this.abort();
  }

  endpoint(said: string): void {
    const path = endpointPath(said, this.connections.url);
    if (path === undefined) {
      this.ended(new GatewayError('upstream_protocol_error', 'the server named an endpoint that is not its own'));
      return;
    }
    this.settled();
    const open = { stream: this.stream, path, breakOff: () => this.breakOff() };
    this.wire = new SseWire(this.context, this.listener, this.connections, open);
    this.resolve(this.wire);
  }

  message(data: Buffer): void {
    this.wire?.received(data);
  }

  unknown(): void {
    this.context.events.emit('message.dropped', { where: 'upstream', why: 'unknown_event' });
  }

  ended(why: GatewayError): void {
    if (this.wire) return this.wire.broken(why);
    if (!this.over) this.fail(why);
  }

  private request(): void {
    const { get } = new KeptSession(this.context.settings);
    const open = (headers: Headers, credential?: CredentialHeaders): void => {
      if (this.over) return;
      this.credential = credential;
      this.client = this.connections.stream(headers, this.stream);
    };
    if (this.authorization) this.authorization.show(get, open, (error) => this.ended(error));
    else open(get);
  }

  private fail(why: GatewayError): void {
    this.over = true;
    // Whoever tries again has others.
    if (saysUnauthorized(why)) this.authorization?.refused(this.credential);
    this.settled();
    this.stream.close();
    this.breakOff();
    this.connections.release();
    const cause = why.cause ?? why;
    if (why instanceof CredentialsError) return this.reject(why);
    this.reject(new UnsentError('upstream_unavailable', 'the server could not be connected to', {}, { cause }));
  }

  private breakOff(): void {
    this.client?.();
    this.giveBack?.();
  }

  private settled(): void {
    this.patience.cancel();
    this.giveUp?.removeEventListener('abort', this.abort);
  }
}
