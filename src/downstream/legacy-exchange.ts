import { honoured, shapeReply } from '../bridge/index.js';
import type { JsonObject } from '../core/json.js';
import type { InputRequest, InterimNotification, McpReply } from '../core/message.js';
import type { Peer } from '../core/peer.js';
import type { PendingInput, Session } from '../session/index.js';
import { type Asked, ExchangeCore } from './exchange-core.js';
import type { ExchangeHost, Origin } from './exchange-host.js';
import { ExchangeInputs } from './exchange-inputs.js';
import { isLogWanted } from './log-level.js';
import type { Outlet } from './outlet.js';

/** Stands for a peer that has not introduced itself. */
const STRANGER: Peer = Object.freeze({
  era: 'legacy',
  revision: '',
  capabilities: {},
  info: { name: '', version: '' },
});

/** One request of a legacy downstream: the session knows who that is, and what it can be asked meanwhile. */
export class LegacyExchange extends ExchangeCore {
  readonly peer: Peer;
  readonly stay: Session;
  readonly mirrored = undefined;

  /** Made with the first question: most requests are answered without any. */
  private inputs: ExchangeInputs | undefined;

  constructor(request: Asked, origin: Origin, outlet: Outlet, host: ExchangeHost) {
    super(request, origin, outlet, host);
    this.stay = origin.session;
    this.peer = origin.session.peer ?? STRANGER;
  }

  get logLevel(): string | undefined {
    return this.stay.logLevel;
  }

  get declares(): JsonObject {
    return honoured(this.peer);
  }

  carry(frame: Buffer): boolean {
    if (!this.outlet.carriesInterim) return false;
    this.outlet.interim(frame);
    return true;
  }

  standStill(input: PendingInput): void {
    this.inputs ??= new ExchangeInputs(this, this.host);
    this.inputs.standStill(input);
  }

  goOn(input: PendingInput, answered: boolean): void {
    this.inputs?.goOn(input, answered);
  }

  protected enter(): void {
    this.stay.inFlight.set(this.request.id.value, this);
    this.host.intake.enter();
    this.stay.inputs.halt(this);
    this.host.overdue.watch(this.deadline);
  }

  protected leave(): void {
    this.stay.inFlight.delete(this.request.id.value);
    this.host.intake.leave();
  }

  protected ended(): void {
    this.inputs?.refuseAll();
  }

  protected ask(request: InputRequest): void {
    if (this.over) return request.refused();
    this.inputs ??= new ExchangeInputs(this, this.host);
    this.inputs.ask(request);
  }

  protected relay(message: InterimNotification): void {
    if (message.method === 'notifications/progress') return this.sendProgress(message);
    if (message.method === 'notifications/message' && !isLogWanted(message, this.stay.logLevel)) return;
    this.send(message);
  }

  protected worded(reply: McpReply): McpReply {
    return shapeReply(this.method, reply, this.peer);
  }
}
