import type { Duplex } from 'node:stream';

import { WebSocket } from 'ws';

import type { Timer } from '../../../core/clock.js';
import { GatewayError, UnsentError } from '../../../core/errors.js';
import type { Wire, WireContext, WireListener } from '../../wire.js';
import { Inbound } from '../inbound.js';
import { TurnWriter } from '../turn-writer.js';
import { Valve } from '../valve.js';

const PING_EVERY_MS = 15_000;
const MISSED_PINGS = 2;
const CLOSE_MS = 2_000;

/** One JSON-RPC message in each text frame of a WebSocket. */
export class WebSocketWire implements Wire {
  readonly knowsOrigin = false;
  readonly hasSession = false;
  private readonly inbound: Inbound;
  private readonly writer: TurnWriter;
  private readonly valve: Valve;
  /** What one read brought beyond what may be handed on now. */
  private waiting: Buffer[] = [];
  private unanswered = 0;
  private pinging: Timer | undefined;
  private over = false;

  /** @param socket open, and nothing was read from it yet */
  constructor(
    private readonly socket: WebSocket,
    stream: Duplex,
    private readonly context: WireContext,
    private readonly listener: WireListener,
  ) {
    this.inbound = new Inbound(context, listener);
    this.writer = new TurnWriter(stream);
    this.valve = new Valve({ pause: () => socket.pause(), resume: () => this.readOn() });
    socket.on('message', (data: Buffer, isBinary: boolean) => this.received(data, isBinary));
    socket.on('pong', () => (this.unanswered = 0));
    // Nothing more is read from it; the library closes it within its own time.
    socket.on('error', () => this.broken('the connection to the server failed'));
    socket.on('close', () => this.broken('the server closed the connection'));
    this.ping();
  }

  send(frame: Buffer): void {
    if (this.over || this.socket.readyState !== WebSocket.OPEN) {
      const error = new UnsentError('upstream_unavailable', 'the connection to the server is closed');
      // Its end may not have been heard of yet; whoever sends again must not be sent here.
      if (!this.over) this.listener.ending(error);
      throw error;
    }
    if (this.socket.bufferedAmount > this.context.settings.maxMessageBytes) {
      throw new UnsentError('upstream_overloaded', 'the server does not read what it is sent');
    }
    this.writer.gather();
    this.socket.send(frame, { binary: false });
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
    this.readToTheEnd();
    return new Promise((resolve) => {
      const patience = this.context.clock.after(CLOSE_MS, () => this.socket.terminate());
      this.socket.once('close', () => {
        patience.cancel();
        resolve();
      });
      this.socket.close(1000);
    });
  }

  /** Its farewell stands behind whatever was not read yet. */
  private readToTheEnd(): void {
    this.valve.close();
    this.waiting = [];
    this.socket.resume();
  }

  private received(data: Buffer, isBinary: boolean): void {
    if (this.over) return;
    if (isBinary) this.socket.close(1003, 'messages are text');
    else if (this.valve.isShut) this.waiting.push(data);
    else this.deliver(data);
  }

  private deliver(data: Buffer): void {
    this.valve.took(data.length, 1);
    this.inbound.deliver(this.inbound.read(data), undefined);
  }

  /** The library gives us all the messages of one read, whether we want them now or not. */
  private readOn(): void {
    let next = 0;
    while (next < this.waiting.length && !this.valve.isShut) this.deliver(this.waiting[next++] as Buffer);
    this.waiting = next < this.waiting.length ? this.waiting.slice(next) : [];
    if (!this.valve.isShut) this.socket.resume();
  }

  private ping(): void {
    this.pinging = this.context.clock.after(PING_EVERY_MS, () => {
      if (!this.valve.isHeld && this.unanswered++ >= MISSED_PINGS) {
        this.socket.terminate();
        return;
      }
      this.socket.ping();
      this.ping();
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
