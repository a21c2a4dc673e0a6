import { randomBytes } from 'node:crypto';

import { Inject, Injectable, type OnModuleDestroy, Optional } from '@nestjs/common';

import { ConfigService, TimeoutSection } from '../../config/index.js';
import { CLOCK, type Clock } from '../../core/clock.js';
import { DeadlineSweep } from '../../core/deadline-sweep.js';
import { CancelledError } from '../../core/errors.js';
import { Events, type ParkedEnd } from '../../core/events.js';
import type { Exchange, ServerRef } from '../../core/exchange.js';
import type { Relay } from '../../core/filter.js';
import type { McpReply, McpRequest } from '../../core/message.js';
import { PrincipalTally } from '../../core/principal-tally.js';
import { WORKER_BUS, type WorkerBus } from '../../core/worker-bus.js';
import type { Parked } from '../state/continuation.js';
import { RequestStates } from '../state/request-states.js';
import type { Attendant } from './attendant.js';
import { KeptCalls } from './kept-calls.js';
import { expiredState, ParkedCall, type Outcome, type ParkedCallHost, type Sending } from './parked-call.js';

/** How long the outcome of a call can be asked for once it is over. Milliseconds. */
const KEPT_MS = 60_000;

/** Where nobody says how many calls may be parked. */
const DEFAULT_LIMIT = 10_000;

/**
 * The calls of modern clients that wait on legacy servers for answers of their clients. Each is parked under an id
 * of this process, until its client brings the answers, its server goes on without them, or its time is over. A call
 * has exactly one outcome, and every question of a server is answered, refused or withdrawn.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/utilities/mrtr
 */
@Injectable()
export class ParkingLot implements ParkedCallHost, OnModuleDestroy {
  /** How many calls may be parked at a time. */
  limit = DEFAULT_LIMIT;
  /** How many of these may be of one principal. */
  limitPerPrincipal = DEFAULT_LIMIT;
  inputTimeout: number;
  /** Tells the calls of this process from those of any other. */
  private readonly owner: string;
  /** Those that were ever parked, until nobody may ask for them any more. */
  private readonly calls = new Map<string, ParkedCall>();
  /** Those of them that are over. */
  private readonly kept = new KeptCalls((call) => this.calls.delete(call.id));
  private readonly sweep: DeadlineSweep<ParkedCall>;
  private parked = 0;
  private readonly tally = new PrincipalTally();
  private count = 0;
  private isClosed = false;

  constructor(
    @Inject(CLOCK) readonly clock: Clock,
    private readonly states: RequestStates,
    private readonly events: Events,
    config: ConfigService,
    @Optional() @Inject(WORKER_BUS) bus?: WorkerBus,
  ) {
    this.owner = bus?.self.id ?? randomBytes(9).toString('base64url');
    this.inputTimeout = config.get(TimeoutSection).input;
    config.changes.subscribe(({ next }) => {
      this.inputTimeout = next.get(TimeoutSection).input;
    });
    this.sweep = new DeadlineSweep(
      clock,
      () => this.calls.values(),
      (late) => this.expired(late),
    );
  }

  /** Calls that are parked now. */
  get size(): number {
    return this.parked;
  }

  /** Calls that clients may come back to: parked, attended again, or over a moment ago. */
  get known(): number {
    return this.calls.size;
  }

  /**
   * Sends a request that its client may be asked something for. Settles with the reply of the server, or with
   * `input_required` as soon as the server asks.
   *
   * @param request as the client sent it
   * @param send sends it on behalf of an exchange that outlives the client's, and whose stay ends with the call
   * @throws as `send`; `limit_parked_calls`
   */
  call(request: McpRequest, exchange: Exchange, relay: Relay, send: Sending): Promise<McpReply> {
    const call = new ParkedCall((this.count++).toString(36), this, { exchange, relay });
    return call.begin(request, exchange, send);
  }

  /**
   * What comes of a parked call for a request that brings its answers; the same for whoever brings them at the same
   * time, and for a minute after it is over.
   *
   * @param state as it was opened for this very request
   * @throws `state_expired`, `protocol_invalid_params`, `limit_parked_calls`, and whatever the call ends with
   */
  async resume(state: Parked, request: McpRequest, exchange: Exchange, relay: Relay): Promise<McpReply> {
    const [id = '', round] = state.call.split('.');
    const call = state.owner === this.owner ? this.calls.get(id) : undefined;
    if (!call) throw expiredState();
    return call.resume(Number(round), request, exchange, relay);
  }

  /** Refuses and gives up whatever is parked, and parks nothing more. For the end of the process. */
  close(): void {
    this.isClosed = true;
    for (const call of Array.from(this.calls.values())) call.drop(new CancelledError('the gateway is stopping'));
    this.calls.clear();
    this.sweep.close();
  }

  onModuleDestroy(): void {
    this.close();
  }

  park(call: ParkedCall): boolean {
    const { principal } = call.exchange;
    if (this.isClosed || this.parked >= this.limit) return false;
    if (this.tally.of(principal) >= this.limitPerPrincipal) return false;
    this.parked++;
    this.tally.add(principal);
    this.calls.set(call.id, call);
    call.deadline = this.clock.now() + this.inputTimeout;
    this.sweep.watch(call.deadline);
    this.events.emit('call.parked', serverOf(call));
    return true;
  }

  released(call: ParkedCall, why: ParkedEnd): void {
    this.parked--;
    this.tally.remove(call.exchange.principal);
    this.events.emit('call.released', { ...serverOf(call), why });
  }

  ended(call: ParkedCall, outcome: Outcome | undefined): void {
    if (!outcome || this.isClosed) return void this.calls.delete(call.id);
    call.deadline = this.clock.now() + KEPT_MS;
    this.sweep.watch(call.deadline);
    this.kept.add(call, outcome, this.limit);
  }

  stateOf(call: ParkedCall, round: number, { request }: Attendant): string {
    const { owner } = this;
    const content: Parked = { typ: 'parked', owner, call: `${call.id}.${round}` };
    // It opens for as long as there may be anything to tell: the lot knows better when that is over.
    return this.states.seal(content, request, call.exchange, this.inputTimeout + KEPT_MS);
  }

  private expired(call: ParkedCall): void {
    if (call.isParked) return call.expire();
    this.kept.remove(call);
    this.calls.delete(call.id);
  }
}

/** Whoever asked. */
function serverOf({ exchange: { server, target } }: ParkedCall): ServerRef {
  return { group: server?.group ?? target?.group ?? '', server: server?.server ?? '' };
}
