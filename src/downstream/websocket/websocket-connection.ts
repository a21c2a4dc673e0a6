import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';

import type { WebSocket } from 'ws';

import type { Timer } from '../../core/clock.js';
import type { GatewayError } from '../../core/errors.js';
import type { Peer } from '../../core/peer.js';
import { scan, type ScanLimits } from '../../protocol/index.js';
import type { Route, RouteTable } from '../../routing/index.js';
import { Session } from '../../session/index.js';
import type { Connected, Connections } from '../connections.js';
import type { Intake } from '../intake.js';
import type { Leg } from '../leg.js';
import type { Outlet } from '../outlet.js';
import type { Receiver } from '../receiver.js';
import { CloseCode } from './close-code.js';
import type { Beating, PingWheel } from './ping-wheel.js';
import type { Admission } from './upgrade-gate.js';
import type { WriteGatherer } from './write-gatherer.js';

const TEXT = { binary: false, compress: false } as const;
const MAX_MISSED_PINGS = 2;
/** A client may send pings and pongs of its own, but not for the sake of it: so many between two pings of ours. */
const MAX_CONTROL_FRAMES = 600;

/** What all connections share. */
export interface WebSocketHost {
  readonly receiver: Receiver;
  readonly routes: RouteTable;
  readonly connections: Connections;
  readonly intake: Intake;
  readonly wheel: PingWheel;
  readonly writes: WriteGatherer;
  /** How long the first message may take. Milliseconds. */
  readonly helloTimeout: number;
  readonly queueSoftBytes: number;
  readonly queueHardBytes: number;
  scanLimits(revision: string | undefined): ScanLimits;
}

/**
 * One downstream over WebSocket: its connection is its session, and one text frame is one message. A
 * client that reads slowly is not read from either; one that does not read at all is dropped, and so is
 * one that never says anything or stays silent when pinged.
 */
export class WebSocketConnection implements Leg, Outlet, Connected, Beating {
  readonly transport = 'websocket';
  readonly duplex = true;
  readonly session: Session;
  readonly routeName: string;
  readonly clientAddress: string;

  /** Runs until the first message is here. */
  private hello: Timer | undefined;
  private missedPings = 0;
  private controlFrames = 0;
  private paused = false;
  private queuedAtBeat = 0;

  constructor(
    private readonly websocket: WebSocket,
    private readonly socket: Socket,
    private readonly admission: Admission,
    private readonly host: WebSocketHost,
  ) {
    this.session = new Session(randomBytes(16).toString('base64url'), admission.principal);
    this.routeName = admission.routeName;
    this.clientAddress = admission.clientAddress;
    this.session.onEnd(host.wheel.add(this));
    this.hello = host.wheel.clock.after(host.helloTimeout, () => this.end(CloseCode.POLICY, 'no message came'));
    this.session.onEnd(() => this.hello?.cancel());
    host.connections.open(this);
    this.listen();
  }

  /** Looked up for each message: a reload may have built it anew. */
  get route(): Route | undefined {
    return this.host.routes.find(this.admission.path);
  }

  introduce(peer: Peer): Session {
    this.session.peer = peer;
    return this.session;
  }

  started(): void {
    // The session knows what is in flight, and cancels it when the connection is gone.
  }

  interim(frame: Buffer): void {
    this.send(frame);
  }

  reply(frame: Buffer, _failure: GatewayError | undefined): void {
    this.send(frame);
    if (this.host.intake.draining) this.drain();
  }

  nothing(): void {
    if (this.host.intake.draining) this.drain();
  }

  close(): void {
    this.end(CloseCode.NORMAL, 'closed by the operator');
  }

  drain(): void {
    if (this.session.inFlight.size === 0) this.end(CloseCode.GOING_AWAY, 'the gateway is stopping');
  }

  beat(): void {
    if (this.websocket.readyState !== this.websocket.OPEN) return;
    // Its pongs are not read while it is paused, but what it takes off the queue shows that it lives.
    if (this.paused && this.socket.writableLength < this.queuedAtBeat) this.missedPings = 0;
    this.queuedAtBeat = this.socket.writableLength;
    this.controlFrames = 0;
    if (this.missedPings++ >= MAX_MISSED_PINGS) this.websocket.terminate();
    else this.websocket.ping();
  }

  private listen(): void {
    const { websocket, socket, session } = this;
    websocket.on('message', (data, isBinary) => this.receive(data as Buffer, isBinary));
    websocket.on('pong', () => {
      this.missedPings = 0;
      this.countControlFrame();
    });
    websocket.on('ping', () => this.countControlFrame());
    // What a client does wrong on the wire is answered with a close code by the library; `close` follows.
    websocket.on('error', () => this.host.receiver.dropped('websocket_error'));
    websocket.on('close', () => session.end());
    socket.on('drain', () => this.resume());
  }

  private receive(data: Buffer, isBinary: boolean): void {
    if (this.session.ended) return;
    if (isBinary) return this.end(CloseCode.UNSUPPORTED_DATA, 'text frames only');
    this.missedPings = 0;
    this.hello?.cancel();
    this.hello = undefined;
    this.host.receiver.receive(scan(data, this.host.scanLimits(this.session.peer?.revision)), this, this);
  }

  private send(frame: Buffer): void {
    if (this.websocket.readyState !== this.websocket.OPEN) return;
    if (this.socket.writableLength > this.host.queueHardBytes) {
      this.host.receiver.dropped('queue_full');
      return this.end(CloseCode.OVERLOADED, 'reading too slowly');
    }
    this.host.writes.hold(this.socket);
    this.websocket.send(frame, TEXT);
    if (!this.paused && this.socket.writableLength > this.host.queueSoftBytes) {
      this.paused = true;
      this.websocket.pause();
    }
  }

  private resume(): void {
    if (!this.paused || this.socket.writableLength > this.host.queueSoftBytes) return;
    this.paused = false;
    this.websocket.resume();
  }

  private countControlFrame(): void {
    if (++this.controlFrames > MAX_CONTROL_FRAMES) this.end(CloseCode.POLICY, 'too many pings');
  }

  private end(code: number, reason: string): void {
    this.websocket.close(code, reason);
    this.session.end();
    // A paused connection would never read the client's answer to the close.
    if (this.paused) this.websocket.resume();
  }
}
