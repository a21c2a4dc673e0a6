import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';

import type { Timer } from '../../core/clock.js';
import { Flow } from '../../core/flow.js';
import { LineSplitter } from '../../core/line-splitter.js';
import { ANONYMOUS } from '../../core/principal.js';
import { oneLine, type ReplyFrame, scan, type ScanLimits, Violation } from '../../protocol/index.js';
import { Session, type Voice } from '../../session/index.js';
import { Backlog, type BacklogLimits } from '../backlog.js';
import type { Connected, Connections } from '../connections.js';
import { FrameMeter } from '../frame-meter.js';
import { LastingLeg, type LastingConnection, type LastingHost } from '../lasting-leg.js';
import type { Receiver } from '../receiver.js';
import type { Beating, PingWheel } from '../websocket/ping-wheel.js';
import type { WriteGatherer } from '../websocket/write-gatherer.js';

const PATH = '/mcp';
const NEWLINE = Buffer.from('\n');
/** How long a client may take to read the last of it before its connection is cut. Milliseconds. */
const CLOSE_GRACE_MS = 5_000;
/** So many beats in a row may find that nothing was taken of what waits. */
const MAX_STUCK_BEATS = 2;

/** What all connections share. */
export interface UnixHost extends BacklogLimits, LastingHost {
  readonly receiver: Receiver;
  readonly connections: Connections;
  readonly wheel: PingWheel;
  readonly writes: WriteGatherer;
  /** How long the first message may take. Milliseconds. */
  readonly helloTimeout: number;
  readonly maxBodyBytes: number;
  scanLimits(revision: string | undefined): ScanLimits;
}

/**
 * One downstream over a unix socket: its connection is its session on the aggregated route, and one line is
 * one message. A client that reads slowly is not read from either; one that does not read at all is dropped, and so
 * is one that never says anything. One that closes its side has left: nothing tells it from one that only says no more.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio
 */
export class UnixConnection implements LastingConnection, Voice, Connected, Beating {
  readonly transport = 'unix';
  readonly routeName = 'mcp';
  readonly clientAddress = 'unix';
  readonly session = new Session(randomBytes(16).toString('base64url'), ANONYMOUS, this.routeName);
  readonly flow = new Flow();
  spoke = 0;

  private readonly messages: FrameMeter;
  private readonly backlog: Backlog;
  private readonly leg: LastingLeg;
  /** Runs until the first message is here. */
  private hello: Timer | undefined;
  private stuckBeats = 0;
  private paused = false;
  private ending = false;

  constructor(
    private readonly socket: Socket,
    private readonly host: UnixHost,
  ) {
    const { session } = this;
    session.voice = this;
    this.messages = new FrameMeter(host.wheel.clock);
    this.leg = new LastingLeg(this, PATH, host);
    this.backlog = new Backlog(socket, this.flow, host);
    this.hello = host.wheel.clock.after(host.helloTimeout, () => this.end());
    session.onEnd(() => this.hello?.cancel());
    host.wheel.add(this);
    socket.once('close', () => host.wheel.remove(this));
    host.connections.open(this);
    this.listen();
  }

  answer(frame: ReplyFrame): void {
    this.send(frame.bytes);
  }

  send(frame: Buffer): void {
    const { socket, session, backlog } = this;
    if (session.ended || !socket.writable) return;
    if (backlog.full) {
      this.host.receiver.dropped('queue_full');
      return this.drop();
    }
    this.host.writes.hold(socket);
    const line = oneLine(frame);
    socket.write(line);
    socket.write(NEWLINE);
    backlog.grew(line.length + 1);
    if (this.flow.congested) this.pause();
  }

  close(): void {
    this.end();
  }

  drain(): void {
    if (this.session.inFlight.size === 0) this.end();
  }

  expire(): void {
    // Nobody showed a credential.
  }

  beat(): void {
    this.stuckBeats = this.backlog.stuck() ? this.stuckBeats + 1 : 0;
    if (this.stuckBeats > MAX_STUCK_BEATS) this.drop();
  }

  private listen(): void {
    const { socket, session, host } = this;
    const lines = new LineSplitter(host.maxBodyBytes, (line) => this.receive(line));
    socket.on('data', (chunk: Buffer) => {
      if (!this.ending && !lines.push(chunk)) this.overflow();
    });
    socket.on('end', () => this.end());
    // `close` follows.
    socket.on('error', () => host.receiver.dropped('unix_socket_error'));
    socket.on('close', () => session.end());
  }

  private receive(line: Buffer): void {
    const { session, host } = this;
    if (session.ended) return;
    if (this.messages.exceeds(host.intake.messagePace)) return this.flooded();
    this.hello?.cancel();
    this.hello = undefined;
    host.receiver.receive(scan(line, host.scanLimits(session.peer?.revision)), this.leg, this.leg);
  }

  private flooded(): void {
    this.host.receiver.dropped('flood');
    this.end();
  }

  /** Reads nothing more until all of what waits has been taken. */
  private pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.socket.pause();
    this.flow.whenClear(() => {
      this.paused = false;
      this.socket.resume();
    });
  }

  /** Nothing that follows can be trusted to begin a line. */
  private overflow(): void {
    const error = new Violation('message_size', 'the line is too long');
    this.host.receiver.receive({ kind: 'malformed', error, id: undefined }, this.leg, this.leg);
    this.end();
  }

  /** Lets go of what was asked; what has been answered may still be read. */
  private end(): void {
    if (this.ending) return;
    this.ending = true;
    this.session.end();
    this.socket.end();
    // What else the client sends is read and means nothing, so that its end is heard.
    this.socket.resume();
    const cut = this.host.wheel.clock.after(CLOSE_GRACE_MS, () => this.socket.destroy());
    this.socket.once('close', () => cut.cancel());
  }

  private drop(): void {
    this.session.end();
    this.socket.destroy();
  }
}
