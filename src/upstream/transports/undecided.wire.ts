import { type GatewayError, UnsentError } from '../../core/errors.js';
import type { Incoming } from '../../protocol/index.js';
import type { Behalf } from '../behalf.js';
import { SessionLostError } from '../session-lost.js';
import type { Wire, WireListener } from '../wire.js';
import { saysOlderTransport, takesNoMessages } from './http/status-error.js';

/** The first request, until it is clear how the server takes it. */
interface Probe {
  readonly frame: Buffer;
  readonly requestId: number;
}

/**
 * A wire to an HTTP server of which nobody knows which transport it speaks. The first request, which is
 * `initialize`, is sent in the newer way; where it is refused the other way is tried, and the request sent
 * again: what was refused was not carried out.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#backwards-compatibility
 */
export class UndecidedWire implements Wire, WireListener {
  private wire: Wire;
  private probe: Probe | undefined;
  private decided = false;
  private trying: Promise<void> | undefined;
  private readonly giveUp = new AbortController();
  private over = false;

  /** @param older opens a wire that speaks to `listener` in the older way */
  constructor(
    newer: (listener: WireListener) => Wire,
    private readonly older: (giveUp: AbortSignal) => Promise<Wire>,
    private readonly listener: WireListener,
  ) {
    this.wire = newer(this);
  }

  get knowsOrigin(): boolean {
    return this.wire.knowsOrigin;
  }

  get hasSession(): boolean {
    return this.wire.hasSession;
  }

  send(frame: Buffer, requestId?: number, headers?: Readonly<Record<string, string>>, behalf?: Behalf): void {
    if (this.over || this.trying) throw new UnsentError('upstream_unavailable', 'the connection is not open');
    if (!this.decided && requestId !== undefined) this.probe ??= { frame, requestId };
    this.wire.send(frame, requestId, headers, behalf);
  }

  abandon(requestId: number): void {
    if (this.probe?.requestId === requestId) this.probe = undefined;
    this.wire.abandon(requestId);
  }

  negotiated(revision: string): void {
    this.wire.negotiated(revision);
  }

  pause(requestId?: number): void {
    this.wire.pause(requestId);
  }

  resume(requestId?: number): void {
    this.wire.resume(requestId);
  }

  introduced(): Promise<void> {
    return this.wire.introduced();
  }

  async close(): Promise<void> {
    this.over = true;
    this.giveUp.abort();
    await this.trying;
    await this.wire.close();
  }

  message(incoming: Incoming, origin: number | undefined): void {
    this.decide();
    this.listener.message(incoming, origin);
  }

  failed(requestId: number, error: GatewayError): void {
    const { probe, decided } = this;
    this.decide();
    if (probe?.requestId === requestId && saysOlderTransport(error) && !this.over) {
      this.trying = this.tryOlder(probe, error);
    } else if (decided && takesNoMessages(error)) {
      // It has come back as a server of the older transport, perhaps: the next wire finds out.
      this.listener.failed(requestId, new SessionLostError(error));
    } else {
      this.listener.failed(requestId, error);
    }
  }

  ending(error: GatewayError): void {
    this.listener.ending(error);
  }

  closed(error: GatewayError): void {
    this.listener.closed(error);
  }

  private decide(): void {
    this.decided = true;
    this.probe = undefined;
  }

  /** @param refusal what is told when the server does not speak the older transport either */
  private async tryOlder(probe: Probe, refusal: GatewayError): Promise<void> {
    try {
      const older = await this.older(this.giveUp.signal);
      const newer = this.wire;
      this.wire = older;
      this.trying = undefined;
      void newer.close();
      if (!this.over) older.send(probe.frame, probe.requestId);
    } catch {
      this.trying = undefined;
      if (!this.over) this.listener.failed(probe.requestId, refusal);
    }
  }
}
