import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';

import type { WebSocket } from 'ws';

import type { Timer } from '../../core/clock.js';
import { Flow } from '../../core/flow.js';
import { paceOf } from '../../core/gcra.js';
import { scan, type ScanLimits } from '../../protocol/index.js';
import { Session, type Voice } from '../../session/index.js';
import { Backlog, type BacklogLimits } from '../backlog.js';
import type { Connected, Connections } from '../connections.js';
import { FrameMeter } from '../frame-meter.js';
import { LastingLeg, type LastingConnection, type LastingHost } from '../lasting-leg.js';
import type { Receiver } from '../receiver.js';
import { expired } from '../credential-expiry.js';
import { CloseCode } from './close-code.js';
import type { Beating, PingWheel } from './ping-wheel.js';
import type { Admission } from './upgrade-gate.js';
import type { WriteGatherer } from './write-gatherer.js';

const TEXT = { binary: false, compress: false } as const;
const MAX_MISSED_PINGS = 2;
/** A client may send pings and pongs of its own, but not for the sake of it: so many a second, and so many at once. */
const CONTROL_FRAMES = paceOf(20, 1_000, 100);

/** What all connections share. */
export interface WebSocketHost extends BacklogLimits, LastingHost {
  readonly receiver: Receiver;
  readonly connections: Connections;
  readonly wheel: PingWheel;
  readonly writes: WriteGatherer;
  /** How long the first message may take. Milliseconds. */
  readonly helloTimeout: number;
  scanLimits(revision: string | undefined): ScanLimits;
}

/**
 * One downstream over WebSocket: its connection is its session, and one text frame is one message. A
 * client that reads slowly is not read from either; one that does not read at all is dropped, and so is
 * one that never says anything or stays silent when pinged.
 */
export class WebSocketConnection implements LastingConnection, Voice, Connected, Beating {
  readonly transport = 'websocket';
  readonly flow = new Flow();
  readonly session: Session;
  readonly routeName: string;
  readonly clientAddress: string;

  /** Runs until the first message is here. */
  private hello: Timer | undefined;
  private missedPings = 0;
  private readonly controlFrames: FrameMeter;
  private readonly messages: FrameMeter;
  private paused = false;
  private readonly backlog: Backlog;
  private readonly leg: LastingLeg;

  constructor(
    private readonly websocket: WebSocket,
    private readonly socket: Socket,
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
    this.session.onEnd(() => this.flow.clear());
    this.session.onEnd(host.wheel.add(this));
    this.hello = host.wheel.clock.after(host.helloTimeout, () => this.end(CloseCode.POLICY, 'no message came'));
    this.session.onEnd(() => this.hello?.cancel());
    host.connections.open(this);
    this.listen();
  }

  send(frame: Buffer): void {
    const { websocket, socket, backlog } = this;
    if (websocket.readyState !== websocket.OPEN) return;
    if (backlog.full) {
      this.host.receiver.dropped('queue_full');
      return this.end(CloseCode.OVERLOADED, 'reading too slowly');
    }
    this.host.writes.hold(socket);
    const before = socket.writableLength;
    websocket.send(frame, TEXT);
    backlog.grew(socket.writableLength - before);
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
    if (this.websocket.readyState !== this.websocket.OPEN) return;
    const stuck = this.backlog.stuck();
    // Its pongs are not read while it is paused, but what it takes off the queue shows that it lives.
    if (this.paused && !stuck) this.missedPings = 0;
    if (this.missedPings++ >= MAX_MISSED_PINGS) this.websocket.terminate();
    else this.websocket.ping();
  }

  private listen(): void {
    const { websocket, session } = this;
    websocket.on('message', (data, isBinary) => this.receive(data as Buffer, isBinary));
    websocket.on('pong', () => {
      this.missedPings = 0;
      this.countControlFrame();
    });
    websocket.on('ping', () => this.countControlFrame());
    // What a client does wrong on the wire is answered with a close code by the library; `close` follows.
    websocket.on('error', () => this.host.receiver.dropped('websocket_error'));
    websocket.on('close', () => session.end());
  }

  private receive(data: Buffer, isBinary: boolean): void {
    if (this.session.ended) return;
    if (isBinary) return this.end(CloseCode.UNSUPPORTED_DATA, 'text frames only');
    if (this.messages.exceeds(this.host.intake.messagePace)) return this.flooded();
    this.missedPings = 0;
    this.hello?.cancel();
    this.hello = undefined;
    this.host.receiver.receive(scan(data, this.host.scanLimits(this.session.peer?.revision)), this.leg, this.leg);
  }

  /** Reads nothing more from a client until it has taken what waits for it. */
  private pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.websocket.pause();
    this.flow.whenClear(() => {
      this.paused = false;
      this.websocket.resume();
    });
  }

  private countControlFrame(): void {
    if (this.controlFrames.exceeds(CONTROL_FRAMES)) this.end(CloseCode.POLICY, 'too many pings');
  }

  private flooded(): void {
    this.host.receiver.dropped('flood');
    this.end(CloseCode.POLICY, 'too many messages');
  }

  private end(code: number, reason: string): void {
    this.websocket.close(code, reason);
    // What is in the way of the client's answer to the close is let go with the session.
    this.session.end();
  }
}
