import { randomBytes } from 'node:crypto';

import type { Timer } from '../../core/clock.js';
import { Flow } from '../../core/flow.js';
import { paceOf } from '../../core/gcra.js';
import {
  CloseCode,
  type FrameSocket,
  type ReplyFrame,
  type FrameSocketListener,
  scan,
  type ScanLimits,
} from '../../protocol/index.js';
import { Session, type Voice } from '../../session/index.js';
import { Backlog, type BacklogLimits } from '../backlog.js';
import type { Connected, Connections } from '../connections.js';
import { FrameMeter } from '../frame-meter.js';
import { LastingLeg, type LastingConnection, type LastingHost } from '../lasting-leg.js';
import type { Receiver } from '../receiver.js';
import { expired } from '../credential-expiry.js';
import type { Beating, PingWheel } from './ping-wheel.js';
import type { Admission } from './upgrade-gate.js';

const MAX_MISSED_PINGS = 2;
/** A client may send pings and pongs of its own, but not for the sake of it: so many a second, and so many at once. */
const CONTROL_FRAMES = paceOf(20, 1_000, 100);

/** What all connections share. */
export interface WebSocketHost extends BacklogLimits, LastingHost {
  readonly receiver: Receiver;
  readonly connections: Connections;
  readonly wheel: PingWheel;
  /** How long the first message may take. Milliseconds. */
  readonly helloTimeout: number;
  scanLimits(revision: string | undefined): ScanLimits;
}

/**
 * One downstream over WebSocket: its connection is its session, and one text frame is one message. A
 * client that reads slowly is not read from either; one that does not read at all is dropped, and so is
 * one that never says anything or stays silent when pinged.
 */
export class WebSocketConnection implements LastingConnection, Voice, Connected, Beating, FrameSocketListener {
  readonly transport = 'websocket';
  readonly flow = new Flow();
  readonly session: Session;
  readonly routeName: string;
  readonly clientAddress: string;

  /** Runs until the first message is here. */
  private hello: Timer | undefined;
  spoke = 0;
  private missedPings = 0;
  private readonly controlFrames: FrameMeter;
  private readonly messages: FrameMeter;
  private paused = false;
  private readonly backlog: Backlog;
  private readonly leg: LastingLeg;

  constructor(
    private readonly socket: FrameSocket,
    admission: Admission,
    private readonly host: WebSocketHost,
  ) {
    this.routeName = admission.routeName;
    this.clientAddress = admission.clientAddress;
    this.controlFrames = new FrameMeter(host.wheel.clock);
    this.messages = new FrameMeter(host.wheel.clock);
    this.backlog = new Backlog(socket, this.flow, host);
    this.session = new Session(randomBytes(16).toString('base64url'), admission.principal, this.routeName);
    this.session.voice = this;
    this.leg = new LastingLeg(this, admission.path, host);
    host.wheel.add(this);
    this.hello = host.wheel.clock.after(host.helloTimeout, () => this.end(CloseCode.POLICY, 'no message came'));
    // One closure for all: thousands of connections wait for their end.
    this.session.onEnd(() => this.leave());
    host.connections.open(this);
  }

  answer(frame: ReplyFrame): void {
    this.send(frame);
  }

  send(frame: Buffer | ReplyFrame): void {
    const { socket, backlog } = this;
    if (!socket.isOpen) return;
    if (backlog.full) {
      this.host.receiver.dropped('queue_full');
      return this.end(CloseCode.OVERLOADED, 'reading too slowly');
    }
    backlog.grew(socket.send(frame));
    if (this.flow.congested) this.pause();
  }

  close(): void {
    this.end(CloseCode.NORMAL, 'closed by the operator');
  }

  drain(): void {
    if (this.session.inFlight.size === 0) this.end(CloseCode.GOING_AWAY, 'the gateway is stopping');
  }

  expire(): void {
    const error = expired();
    this.session.fail(error);
    this.end(CloseCode.POLICY, error.message);
  }

  beat(): void {
    if (!this.socket.isOpen) return;
    const stuck = this.backlog.stuck();
    // Its pongs are not read while it is paused, but what it takes off the queue shows that it lives.
    if (this.paused && !stuck) this.missedPings = 0;
    if (this.missedPings++ >= MAX_MISSED_PINGS) this.socket.terminate();
    else this.socket.sendPing();
  }

  /** For the socket. */
  message(data: Buffer, isText: boolean): void {
    if (this.session.ended) return;
    if (!isText) return this.end(CloseCode.UNSUPPORTED_DATA, 'text frames only');
    if (this.messages.exceeds(this.host.intake.messagePace)) return this.flooded();
    const incoming = scan(data, this.host.scanLimits(this.session.peer?.revision));
    if (incoming.kind === 'malformed' && incoming.error.rule === 'utf8') return this.socket.fail(CloseCode.NOT_TEXT);
    this.missedPings = 0;
    this.hello?.cancel();
    this.hello = undefined;
    this.host.receiver.receive(incoming, this.leg, this.leg);
  }

  /** For the socket. */
  ping(): void {
    if (this.controlFrames.exceeds(CONTROL_FRAMES)) this.end(CloseCode.POLICY, 'too many pings');
  }

  /** For the socket. */
  pong(): void {
    this.missedPings = 0;
    this.ping();
  }

  /** For the socket. */
  violated(): void {
    this.host.receiver.dropped('websocket_error');
  }

  /** For the socket. */
  closed(): void {
    this.session.end();
  }

  /** Reads nothing more from a client until it has taken what waits for it. */
  private pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.socket.pause();
    this.flow.whenClear(() => {
      this.paused = false;
      this.socket.resume();
    });
  }

  private leave(): void {
    this.flow.clear();
    this.host.wheel.remove(this);
    this.hello?.cancel();
  }

  private flooded(): void {
    this.host.receiver.dropped('flood');
    this.end(CloseCode.POLICY, 'too many messages');
  }

  private end(code: number, reason: string): void {
    this.socket.close(code, reason);
    // What is in the way of the client's answer to the close is let go with the session.
    this.session.end();
  }
}
