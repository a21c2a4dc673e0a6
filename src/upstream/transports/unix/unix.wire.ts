import type { Socket } from 'node:net';

import { GatewayError, UnsentError } from '../../../core/errors.js';
import type { Wire, WireContext, WireListener } from '../../wire.js';
import { Inbound } from '../inbound.js';
import { LineStream } from '../lines/line-stream.js';

/** How long a server may take to close a connection that we have said is over. */
const CLOSE_MS = 2_000;

/**
 * Newline-delimited JSON over a Unix domain socket, framed as over stdio: a line that is no message harms
 * nobody, a line longer than allowed ends the connection.
 */
export class UnixWire implements Wire {
  readonly knowsOrigin = false;
  readonly hasSession = false;
  private readonly inbound: Inbound;
  private readonly lines: LineStream;
  private over = false;

  /** @param socket connected, and nothing was read from it yet */
  constructor(
    private readonly socket: Socket,
    private readonly context: WireContext,
    private readonly listener: WireListener,
  ) {
    this.inbound = new Inbound(context, listener);
    this.lines = new LineStream(socket, socket, context.settings.maxMessageBytes, {
      line: (line) => this.inbound.deliver(this.inbound.read(line), undefined),
      tooLong: () => this.broken('the server sent a message longer than allowed'),
    });
    socket.once('close', () => this.broken('the server closed the connection'));
  }

  send(frame: Buffer): void {
    if (this.over || !this.socket.writable) {
      const error = new UnsentError('upstream_unavailable', 'the connection to the server is closed');
      // Its end may not have been heard of yet; whoever sends again must not be sent here.
      if (!this.over) this.listener.ending(error);
      throw error;
    }
    this.lines.write(frame);
  }

  abandon(): void {
    // Nothing is held for a request.
  }

  negotiated(revision: string): void {
    this.inbound.negotiated(revision);
  }

  pause(requestId?: number): void {
    if (requestId === undefined) this.lines.hold();
  }

  resume(requestId?: number): void {
    if (requestId === undefined) this.lines.release();
  }

  introduced(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.over = true;
    this.lines.close();
    if (this.socket.closed) return Promise.resolve();
    return new Promise((resolve) => {
      const patience = this.context.clock.after(CLOSE_MS, () => this.socket.destroy());
      this.socket.once('close', () => {
        patience.cancel();
        resolve();
      });
      this.socket.end();
    });
  }

  private broken(what: string): void {
    if (this.over) return;
    this.over = true;
    this.lines.close();
    this.socket.destroy();
    this.listener.closed(new GatewayError('upstream_unavailable', what));
  }
}
