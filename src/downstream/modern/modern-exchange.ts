import { completeReply, honoured, shapeReply } from '../../bridge/index.js';
import type { JsonObject } from '../../core/json.js';
import type { InputRequest, InterimNotification, McpReply } from '../../core/message.js';
import type { Implementation, Peer } from '../../core/peer.js';
import {
  ACKNOWLEDGED,
  type Envelope,
  LIST_CHANGES,
  sentMirrors,
  TASK_CHANGED,
  TASK_STATUS,
} from '../../protocol/index.js';
import type { Session } from '../../session/index.js';
import type { CredentialExpiry } from '../credential-expiry.js';
import { type Asked, ExchangeCore } from '../exchange-core.js';
import type { ExchangeHost, Place } from '../exchange-host.js';
import { isLogWanted } from '../log-level.js';
import type { Outlet } from '../outlet.js';
import { Visit } from './visit.js';
import type { Visitors } from './visitors.js';

/** Where a modern exchange came in, and what the request says of its sender. */
export interface Arrival extends Place {
  readonly envelope: Envelope;
  /** The connection that it shares with others. Undefined where it has a POST for itself. */
  readonly session: Session | undefined;
}

/** What a modern exchange needs of the house it lives in, beside what every exchange needs. */
export interface VisitHost {
  readonly house: ExchangeHost;
  /** Who says so in every result. */
  readonly self: Implementation;
  readonly visitors: Visitors;
  readonly expiry: CredentialExpiry;
}

/** What is said on the stream of a listen, of a legacy session, or to servers alone. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  ...LIST_CHANGES.keys(),
  ACKNOWLEDGED,
  TASK_CHANGED,
  TASK_STATUS,
  'notifications/cancelled',
  'notifications/elicitation/complete',
  'notifications/initialized',
  'notifications/resources/updated',
  'notifications/roots/list_changed',
]);

/**
 * One request of a modern downstream: all that is known of the client stands in its envelope, and all that the
 * gateway keeps for it goes with the reply. Nothing is asked of the client meanwhile.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic
 */
export class ModernExchange extends ExchangeCore {
  readonly peer: Peer;
  readonly stay: Visit;
  readonly logLevel: string | undefined;

  private sent: ReadonlyMap<string, string> | undefined;
  private progress = Number.NEGATIVE_INFINITY;

  constructor(
    request: Asked,
    protected readonly arrival: Arrival,
    outlet: Outlet,
    protected readonly visits: VisitHost,
  ) {
    super(request, arrival, outlet, visits.house);
    this.peer = arrival.envelope.peer;
    this.logLevel = arrival.envelope.logLevel;
    this.stay = new Visit(this, arrival.principal);
  }

  get declares(): JsonObject {
    return honoured(this.peer);
  }

  /** Read when somebody asks: of most requests nobody does. */
  get mirrored(): ReadonlyMap<string, string> | undefined {
    const { headers } = this.arrival;
    return headers && (this.sent ??= sentMirrors(headers));
  }

  carry(): boolean {
    return false;
  }

  standStill(): void {
    // What a legacy session on the same connection is asked is not for the sake of this.
  }

  goOn(): void {
    // Its time never stood still.
  }

  protected enter(): void {
    const { session } = this.arrival;
    if (session) session.inFlight.set(this.request.id.value, this);
    else this.visits.visitors.enter(this);
    this.host.intake.enter();
    this.host.overdue.watch(this.deadline);
  }

  protected leave(): void {
    const { session } = this.arrival;
    if (session) session.inFlight.delete(this.request.id.value);
    else this.visits.visitors.leave(this);
    this.host.intake.leave();
  }

  protected ended(): void {
    this.stay.end();
  }

  /** What a server needs to know is part of a reply in this era: whoever could not make it one has nobody to ask. */
  protected ask(request: InputRequest): void {
    request.refused();
  }

  protected relay(message: InterimNotification): void {
    const { method } = message;
    if (method === 'notifications/progress') return this.relayProgress(message);
    if (method === 'notifications/message') return this.relayLog(message);
    if (!ELSEWHERE.has(method)) this.send(message);
  }

  protected worded(reply: McpReply): McpReply {
    const shaped = shapeReply(this.method, reply, this.peer);
    return shaped.kind === 'error' ? shaped : completeReply(this.method, shaped, this.visits.self);
  }

  /** It must rise, however often the request was sent on meanwhile. */
  private relayProgress(message: InterimNotification): void {
    const value = message.params?.object()['progress'];
    if (typeof value !== 'number' || value <= this.progress) return;
    this.progress = value;
    this.sendProgress(message);
  }

  /** A client that did not say what it wants wants nothing. */
  private relayLog(message: InterimNotification): void {
    if (this.logLevel !== undefined && isLogWanted(message, this.logLevel)) this.send(message);
  }
}
