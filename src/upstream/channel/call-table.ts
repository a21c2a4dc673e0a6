import type { Clock } from '../../core/clock.js';
import { DeadlineSweep } from '../../core/deadline-sweep.js';
import { CancelledError, GatewayError } from '../../core/errors.js';
import { CallRing } from './call-ring.js';
import type { Call } from './call.js';
import { LastReplies } from './last-replies.js';

/** How long a server may go on speaking of a request that it was told to stop. */
const DOUBT_MS = 10_000;

/** A call that was sent under an id of its channel. */
export class Slot {
  /** The last progress that was let through, if there was any: progress only ever grows. */
  progress: number | undefined;
  /** Whether nothing is read for it now. */
  paused = false;
  /** Whether its time stands still with that of all others. */
  halted = false;
  private endings: Set<() => void> | undefined;

  constructor(
    readonly id: number,
    readonly call: Call,
    private readonly table: CallTable,
  ) {}

  get deadline(): number {
    return this.call.deadline;
  }

  /** Calls back once, as soon as the call is over and before anybody hears of that. Returns how to take it back. */
  onEnd(callback: () => void): () => void {
    const endings = (this.endings ??= new Set());
    endings.add(callback);
    return () => endings.delete(callback);
  }

  /** Its time goes on. */
  goOn(answered: boolean): void {
    this.halted = false;
    this.call.goOn(answered);
  }

  /** The call is over. */
  end(): void {
    const { endings } = this;
    if (!endings) return;
    this.endings = undefined;
    for (const callback of endings) callback();
  }

  /** The signal of the call was aborted. */
  handleEvent(): void {
    const reason: unknown = this.call.signal?.reason;
    this.table.giveUp(this, reason instanceof CancelledError ? reason : new CancelledError());
  }
}

/**
 * The calls of one channel that are in flight, by their ids: whole numbers from 1 on, never used twice
 * (some servers take 0 for no id at all).
 */
export class CallTable {
  private readonly slots = new CallRing<Slot>();
  private readonly sweep: DeadlineSweep<Slot>;
  /** How many questions wait that may be for any call. */
  private questions = 0;
  /** Whether one of them was answered since the first of them came. */
  private answered = false;
  /** Until then what the server says may be about a call that is over. */
  private doubtUntil = Number.NEGATIVE_INFINITY;
  private readonly lastReplies = new LastReplies();

  /**
   * @param givenUp hears of a call that ended on our side and why, before whoever waits for it
   * @param emptied hears that nothing is in flight any more
   */
  constructor(
    private readonly clock: Clock,
    private readonly givenUp: (slot: Slot, error: GatewayError) => void,
    private readonly emptied: () => void,
  ) {
    this.sweep = new DeadlineSweep(
      clock,
      () => this.slots.values(),
      (late) => this.giveUp(late, new GatewayError('upstream_timeout', 'the server did not answer in time')),
    );
  }

  get size(): number {
    return this.slots.size;
  }

  add(call: Call): Slot {
    const slot = new Slot(this.slots.nextId(), call, this);
    this.slots.put(slot);
    if (this.questions > 0) halt(slot);
    this.sweep.watch(call.deadline);
    call.signal?.addEventListener('abort', slot);
    return slot;
  }

  find(id: unknown): Slot | undefined {
    return typeof id === 'number' ? this.slots.find(id) : undefined;
  }

  /** The deadline of a call that is in flight has moved. */
  moved({ call }: Slot): void {
    this.sweep.watch(call.deadline);
  }

  /**
   * The downstream of all calls is asked something that may be for any of them: their time stands still, as does
   * that of those that begin meanwhile. Until `goOn` was called as often.
   */
  standStill(): void {
    if (this.questions++ > 0) return;
    this.answered = false;
    for (const slot of this.slots.values()) halt(slot);
  }

  /** @param answered whether the server got an answer */
  goOn(answered: boolean): void {
    this.answered ||= answered;
    if (--this.questions > 0) return;
    for (const slot of this.slots.values()) {
      if (!slot.halted) continue;
      slot.goOn(this.answered);
      this.moved(slot);
    }
  }

  /** Whether another call was given up so lately that the server may not have stopped speaking of it. */
  get isInDoubt(): boolean {
    return this.clock.turn() < this.doubtUntil;
  }

  /** Whether the reply to a call of another principal came so lately that the server may still speak of that. */
  mayMeanOther({ call }: Slot): boolean {
    return this.lastReplies.mayMeanOther(call.principal, this.clock.turn());
  }

  /** Takes a call out, because its reply is here. False when it was out already. */
  replied(slot: Slot): boolean {
    const { principal } = slot.call;
    if (principal) this.lastReplies.replied(principal, this.clock.turn());
    return this.remove(slot);
  }

  /** The only call in flight that a downstream stands behind. */
  only(): Slot | undefined {
    let found: Slot | undefined;
    for (const slot of this.slots.values()) {
      if (!slot.call.attributable) continue;
      if (found) return undefined;
      found = slot;
    }
    return found;
  }

  /** Takes a call out, because it is over. False when it was out already. */
  remove(slot: Slot): boolean {
    slot.call.signal?.removeEventListener('abort', slot);
    if (!this.slots.take(slot)) return false;
    if (slot.halted) slot.goOn(false);
    slot.end();
    if (this.slots.size === 0) this.emptied();
    return true;
  }

  giveUp(slot: Slot, error: GatewayError): void {
    if (!this.remove(slot)) return;
    if (slot.call.attributable) this.doubtUntil = this.clock.turn() + DOUBT_MS;
    this.givenUp(slot, error);
    slot.call.failed(error);
  }

  failAll(error: GatewayError): void {
    this.sweep.close();
    for (const slot of this.slots.values()) {
      if (this.remove(slot)) slot.call.failed(error);
    }
  }
}

/** Questions are for downstreams: the time of a call that none stands behind is its own. */
function halt(slot: Slot): void {
  if (!slot.call.attributable) return;
  slot.halted = true;
  slot.call.standStill();
}
