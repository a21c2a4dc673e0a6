import type { Clock, Timer } from '../../core/clock.js';
import { CancelledError, GatewayError } from '../../core/errors.js';
import type { ParkedEnd } from '../../core/events.js';
import type { Exchange } from '../../core/exchange.js';
import type { Relay } from '../../core/filter.js';
import type { InputRequest, InterimMessage, McpReply, McpRequest } from '../../core/message.js';
import { ASKING } from '../shape/modern-reply.js';
import { shapeInput } from '../shape/shape-input.js';
import { Attendant } from './attendant.js';
import { inputRequired } from './input-required.js';
import { inputResponses } from './input-responses.js';
import { ParkedExchange, type Attended } from './parked-exchange.js';
import { Questions } from './questions.js';

/** How long further questions are waited for, so that the client is asked all of them at once. Milliseconds. */
const GATHER_MS = 15;

/** The lot tells when the time of a call is over; upstream nothing must run out before that. Milliseconds. */
const GRACE_MS = 5_000;

/** What a call needs of the lot that it is in. */
export interface ParkedCallHost {
  readonly clock: Clock;
  /** How long a client may take to answer. Milliseconds. */
  readonly inputTimeout: number;
  /** It is to be parked. False where there is no room. */
  park(call: ParkedCall): boolean;
  /** It is not parked any more. */
  released(call: ParkedCall, why: ParkedEnd): void;
  /** It is over. @param outcome what is left to be told; undefined where nobody may ask for it any more */
  ended(call: ParkedCall, outcome: Outcome | undefined): void;
  /** What the client is to bring back. @param round tells this question from those before */
  stateOf(call: ParkedCall, round: number, attendant: Attendant): string;
}

/** How a call ended: with a reply, or with a failure. */
export type Outcome = { readonly reply: McpReply } | { readonly failure: unknown };

/** Where a call sends what it is about. As a route's terminal, once it has found the group. */
export type Sending = (request: McpRequest, exchange: Exchange, relay: Relay) => Promise<McpReply>;

/**
 * One call of a modern client on a legacy server. While requests of the client attend it, they are told what comes
 * of it; when the server asks something, they are answered with the question, and the call waits, parked, until
 * another request brings the answers. It has one upstream request from beginning to end, and one outcome.
 */
export class ParkedCall implements Attended {
  /** Until when it is parked. Monotonic milliseconds. */
  deadline = Number.POSITIVE_INFINITY;
  readonly exchange: ParkedExchange;
  /** Those of one client that wait for the same: the first was here first, the others are its duplicates. */
  private readonly attendants = new Set<Attendant>();
  private readonly questions = new Questions();
  /** Leads to the client that attends it, or did so last. */
  private latest: Relay;
  /** How often the client was handed questions. */
  private round = 0;
  /** With what it was handed them last. */
  private handed: McpReply | undefined;
  private parked = false;
  /** Until when it was parked last. Monotonic milliseconds. */
  private parkedUntil = Number.POSITIVE_INFINITY;
  /** Whether anything was asked or answered since. */
  private hasMoved = false;
  private gathering: Timer | undefined;
  private outcome: Outcome | undefined;

  /** @param id unique in this process */
  constructor(
    readonly id: string,
    private readonly host: ParkedCallHost,
    first: { readonly exchange: Exchange; readonly relay: Relay },
  ) {
    this.latest = first.relay;
    this.exchange = new ParkedExchange(first.exchange, this);
  }

  get client(): Exchange | undefined {
    return this.first?.exchange;
  }

  get patience(): number {
    return this.deadline + GRACE_MS;
  }

  get isParked(): boolean {
    return this.parked;
  }

  /** Sends the request that it begins with. @throws as `send` */
  begin(request: McpRequest, exchange: Exchange, send: Sending): Promise<McpReply> {
    const reply = this.attend(request, exchange, this.latest);
    const sent = new Promise<McpReply>((resolve) => {
      if (exchange.signal.aborted) throw new CancelledError();
      resolve(send(request, this.exchange, this.relay));
    });
    sent.then(
      (settled) => this.end({ reply: settled }),
      (failure: unknown) => this.end({ failure }),
    );
    return reply;
  }

  /**
   * What comes of it for a request that brings answers.
   *
   * @param round of the question that it answers: one that others have answered already is answered the same
   * @throws `state_expired`, `protocol_invalid_params`, `exchange_cancelled`, and whatever the call ends with
   */
  async resume(round: number, request: McpRequest, exchange: Exchange, relay: Relay): Promise<McpReply> {
    exchange.server = this.exchange.server;
    if (round === this.round - 1 && this.handed) return this.handed;
    if (round !== this.round) throw expiredState();
    if (this.outcome) return told(this.outcome);
    if (exchange.signal.aborted) throw new CancelledError();
    if (!this.parked) return this.attend(request, exchange, relay);
    const answers = inputResponses(request.params);
    // First, so that the time of the call is that of this request as soon as it goes on.
    const reply = this.attend(request, exchange, relay);
    this.release('answered');
    for (const [key, json] of answers) this.hasMoved = this.questions.answer(key, json) || this.hasMoved;
    if (this.questions.size > 0) this.ask();
    return reply;
  }

  take(message: InterimMessage): void {
    if (message.kind === 'request') this.question(message);
    else this.client?.deliver(message);
  }

  /** Nobody has brought the answers in time. */
  expire(): void {
    this.release('expired');
    this.drop(new CancelledError('input timed out'));
  }

  /** Refuses what its server asks, and gives it up. */
  drop(reason: Error): void {
    const { attendants } = this;
    this.release('ended');
    this.gathering?.cancel();
    this.questions.refuseAll();
    this.exchange.signal.abort(reason);
    for (const attendant of Array.from(attendants)) attendant.fail(reason);
    attendants.clear();
    this.over({ failure: reason }, false);
  }

  /** Bound, because it stands for whatever relay leads to the client. */
  private readonly relay: Relay = (message) => {
    if (message.kind === 'request') return this.latest(message, this.exchange);
    const { first } = this;
    first?.relay(message, first.exchange);
  };

  private get first(): Attendant | undefined {
    for (const attendant of this.attendants) return attendant;
    return undefined;
  }

  private attend(request: McpRequest, exchange: Exchange, relay: Relay): Promise<McpReply> {
    const attendant = new Attendant(request, exchange, relay, (gone, reason) => this.left(gone, reason));
    this.attendants.add(attendant);
    this.latest = relay;
    this.exchange.attendedBy(exchange);
    return attendant.reply;
  }

  /** With the last of them goes the call: whoever closes a response cancels. */
  private left(attendant: Attendant, reason: Error): void {
    this.attendants.delete(attendant);
    if (this.attendants.size === 0) this.drop(reason);
  }

  private question(question: InputRequest): void {
    const { client } = this;
    const mayAsk = !this.outcome && ASKING.has(this.exchange.method);
    if (!mayAsk || (client && !shapeInput(question, client.peer))) return question.refused();
    this.hasMoved = true;
    this.questions.add(question);
    if (client) this.gathering ??= this.host.clock.after(GATHER_MS, () => this.ask());
  }

  /** Answers those who attend it with what they are asked, if there is anything left to ask. */
  private ask(): void {
    this.gathering?.cancel();
    this.gathering = undefined;
    const { first, host } = this;
    const asked = first ? this.questions.for(first.exchange.peer) : [];
    if (!first || asked.length === 0) return;
    if (!host.park(this)) {
      return this.drop(new GatewayError('limit_parked_calls', 'too many calls wait for the answers of their clients'));
    }
    this.parked = true;
    this.round++;
    // Whoever comes back with nothing has no more time for that.
    if (!this.hasMoved) this.deadline = this.parkedUntil;
    this.hasMoved = false;
    this.handed = inputRequired(asked, host.stateOf(this, this.round, first));
    this.settle({ reply: this.handed });
  }

  /** Does nothing unless it is parked. */
  private release(why: ParkedEnd): void {
    if (!this.parked) return;
    this.parked = false;
    this.parkedUntil = this.deadline;
    this.deadline = Number.POSITIVE_INFINITY;
    this.host.released(this, why);
  }

  private end(outcome: Outcome): void {
    if (this.outcome) return;
    this.release('ended');
    this.gathering?.cancel();
    // Its server may not know yet that it is over: whoever lent something for the call has to know.
    if ('failure' in outcome) this.exchange.signal.abort(GatewayError.from(outcome.failure));
    this.over(outcome, true);
    this.questions.refuseAll();
    this.settle(outcome);
  }

  private over(outcome: Outcome, isKept: boolean): void {
    if (this.outcome) return;
    this.outcome = outcome;
    this.host.ended(this, isKept && this.round > 0 ? outcome : undefined);
    this.exchange.stay.end();
  }

  private settle(outcome: Outcome): void {
    const attendants = Array.from(this.attendants);
    this.attendants.clear();
    for (const attendant of attendants) {
      if ('reply' in outcome) attendant.settle(outcome.reply);
      else attendant.fail(outcome.failure);
    }
  }
}

/** The call is not there any more, or has gone on without these answers. */
export function expiredState(): GatewayError {
  return new GatewayError('state_expired', 'requestState expired; call the tool again');
}

function told(outcome: Outcome): McpReply {
  if ('reply' in outcome) return outcome.reply;
  throw outcome.failure;
}
