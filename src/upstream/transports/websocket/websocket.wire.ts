import type { Timer } from '../../../core/clock.js';
import { GatewayError, UnsentError } from '../../../core/errors.js';
import { CloseCode, type FrameSocket, type FrameSocketListener } from '../../../protocol/index.js';
import type { Wire, WireContext, WireListener } from '../../wire.js';
import { Inbound } from '../inbound.js';
import { Valve } from '../valve.js';

const PING_EVERY_MS = 15_000;
const MISSED_PINGS = 2;

/** One JSON-RPC message in each text frame of a WebSocket. */
export class WebSocketWire implements Wire, FrameSocketListener {
  readonly knowsOrigin = false;
  readonly hasSession = false;
  private readonly inbound: Inbound;
  private readonly valve: Valve;
  private unanswered = 0;
  private pinging: Timer | undefined;
  private over = false;
  private ended: (() => void) | undefined;

  /** @param socket to be started for it */
  constructor(
    private readonly socket: FrameSocket,
    private readonly context: WireContext,
    private readonly listener: WireListener,
  ) {
    this.inbound = new Inbound(context, listener);
    this.valve = new Valve(socket);
    this.beat();
  }

  send(frame: Buffer): void {
    if (this.over || !this.socket.isOpen) {
      const error = new UnsentError('upstream_unavailable', 'the connection to the server is closed');
      // Its end may not have been heard of yet; whoever sends again must not be sent here.
      if (!this.over) this.listener.ending(error);
      throw error;
    }
    if (this.socket.writableLength > this.context.settings.maxMessageBytes) {
      throw new UnsentError('upstream_overloaded', 'the server does not read what it is sent');
    }
    this.socket.send(frame);
  }

  abandon(): void {
    // Nothing is held for a request.
  }

  negotiated(revision: string): void {
    this.inbound.negotiated(revision);
  }

  pause(requestId?: number): void {
    if (requestId === undefined) this.valve.hold();
  }

  resume(requestId?: number): void {
    if (requestId !== undefined) return;
    // What was not read may have been its pongs.
    this.unanswered = 0;
    this.valve.release();
  }

  introduced(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    if (this.over) return Promise.resolve();
    this.over = true;
    this.pinging?.cancel();
    // Its farewell stands behind whatever was not read yet.
    this.valve.close();
    this.socket.resume();
    return new Promise((resolve) => {
      this.ended = resolve;
      this.socket.close(CloseCode.NORMAL);
    });
  }

  /** For the socket. */
  message(data: Buffer, isText: boolean): void {
    if (this.over) return;
    if (!isText) return this.socket.close(CloseCode.UNSUPPORTED_DATA, 'messages are text');
    this.valve.took(data.length, 1);
    const incoming = this.inbound.read(data);
    if (incoming.kind === 'malformed' && incoming.error.rule === 'utf8') this.socket.fail(CloseCode.NOT_TEXT);
    else this.inbound.deliver(incoming, undefined);
  }

  /** For the socket. */
  ping(): void {
    // It is answered already.
  }

  /** For the socket. */
  pong(): void {
    this.unanswered = 0;
  }

  /** For the socket: nothing more is read, and it is closed in its own time. */
  violated(): void {
    this.broken('the connection to the server failed');
  }

  /** For the socket. */
  closed(): void {
    this.broken('the server closed the connection');
    this.ended?.();
  }

  private beat(): void {
    this.pinging = this.context.clock.after(PING_EVERY_MS, () => {
      if (!this.valve.isHeld && this.unanswered++ >= MISSED_PINGS) {
        this.socket.terminate();
        return;
      }
      this.socket.sendPing();
      this.beat();
    });
  }

  private broken(what: string): void {
    this.pinging?.cancel();
    if (this.over) return;
    this.over = true;
    this.valve.close();
    this.listener.closed(new GatewayError('upstream_unavailable', what));
  }
}
