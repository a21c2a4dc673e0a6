import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';

import { Flow } from '../../core/flow.js';
import type { Principal } from '../../core/principal.js';
import type { ReplyFrame } from '../../protocol/index.js';
import { Session, type Voice } from '../../session/index.js';
import type { BacklogLimits } from '../backlog.js';
import type { Connected, Connections } from '../connections.js';
import { expired } from '../credential-expiry.js';
import { QUIET_MS, type KeepAlive, type Quiet } from '../http/keep-alive.js';
import { SseStream } from '../http/sse-stream.js';
import { LastingLeg, type LastingConnection, type LastingHost } from '../lasting-leg.js';
import type { Receiver } from '../receiver.js';

/** How long a client may take to read the last of its stream before it is cut. Milliseconds. */
const CLOSE_GRACE_MS = 5_000;
/** So many comments in a row may find that nothing was taken of what waits. */
const MAX_STUCK = 2;
/** Messages that may be held up, unread, until the client has read more of its stream. */
const MAX_HELD = 64;

/** What all connections share. */
export interface SseHost extends BacklogLimits, LastingHost {
  readonly receiver: Receiver;
  readonly connections: Connections;
  readonly keepAlives: KeepAlive;
  /** How long the first message may take. Milliseconds. */
  readonly helloTimeout: number;
  /** What messages are posted under: the secret, and where it leads if any worker may get them. */
  tokenFor(secret: string, route: string): string;
}

/** What is known of a connection before its first message. */
export interface SseAdmission {
  /** Of the route behind it. */
  readonly path: string;
  readonly routeName: string;
  readonly principal: Principal;
  readonly clientAddress: string;
}

/**
 * One downstream over HTTP+SSE: its stream is its session, and everything that it is told comes on it. A client
 * that does not read its stream is dropped, and so is one that never says anything.
 *
 * @see https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse
 */
export class SseConnection implements LastingConnection, Voice, Connected, Quiet {
  readonly transport = 'sse';
  readonly flow = new Flow();
  /** What its messages are posted under. A secret, unlike the id of the session. */
  readonly token: string;
  readonly session: Session;
  readonly routeName: string;
  readonly clientAddress: string;
  dueAt: number;
  place = -1;

  /** Where its messages come in. */
  readonly leg: LastingLeg;
  private readonly stream: SseStream;
  private readonly path: string;
  private hasSpoken = false;
  private held = 0;
  private stuck = 0;

  constructor(
    private readonly response: ServerResponse,
    admission: SseAdmission,
    private readonly host: SseHost,
  ) {
    this.routeName = admission.routeName;
    const secret = randomBytes(24).toString('base64url');
    this.token = host.tokenFor(secret, this.routeName);
    this.clientAddress = admission.clientAddress;
    this.session = new Session(randomBytes(16).toString('base64url'), admission.principal, admission.routeName);
    this.session.voice = this;
    this.path = admission.path;
    this.leg = new LastingLeg(this, this.path, host);
    this.stream = new SseStream(response, this.flow, host);
    this.dueAt = host.keepAlives.now() + host.helloTimeout;
    host.keepAlives.add(this);
    this.stream.onGone(() => {
      host.keepAlives.remove(this);
      this.session.end();
    });
    host.connections.open(this);
  }

  /** Tells the client where to post to: the first thing that it has to know. */
  announce(endpoint: string): void {
    this.stream.open();
    this.response.write(`event: endpoint\ndata: ${endpoint}\n\n`);
  }

  /** The client has said something. */
  heard(): void {
    if (this.hasSpoken) return;
    this.hasSpoken = true;
    this.dueAt = this.host.keepAlives.now() + QUIET_MS;
  }

  /**
   * Calls back as soon as the client keeps up with its stream: one that reads slowly is not read from either. False
   * when too much waits for that already.
   */
  whenRead(callback: () => void): boolean {
    if (this.flow.congested && this.held >= MAX_HELD) return false;
    this.held++;
    this.flow.whenClear(() => {
      this.held--;
      callback();
    });
    return true;
  }

  answer(frame: ReplyFrame): void {
    this.send(frame.bytes);
  }

  send(frame: Buffer): void {
    if (this.session.ended) return;
    if (!this.stream.full) return this.stream.send(frame);
    this.host.receiver.dropped('queue_full');
    this.drop();
  }

  close(): void {
    if (this.session.ended) return;
    this.session.end();
    this.stream.end();
    this.dueAt = this.host.keepAlives.now() + CLOSE_GRACE_MS;
  }

  drain(): void {
    if (this.session.inFlight.size === 0) this.close();
  }

  expire(): void {
    this.session.fail(expired());
    this.close();
  }

  /** Where a message comes in that was posted with a credential of its own: what it asks for is asked with that. */
  legFor(principal: Principal): LastingLeg {
    return principal === this.leg.principal ? this.leg : new LastingLeg(this, this.path, this.host, principal);
  }

  keepAlive(): void {
    this.stuck = this.stream.stuck() ? this.stuck + 1 : 0;
    if (this.session.ended || this.stuck > MAX_STUCK) return this.drop();
    if (!this.hasSpoken) return this.close();
    this.dueAt = this.host.keepAlives.now() + QUIET_MS;
    this.stream.comment();
  }

  private drop(): void {
    this.session.end();
    this.response.destroy();
  }
}
