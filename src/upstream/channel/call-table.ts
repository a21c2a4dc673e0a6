import type { Clock } from '../../core/clock.js';
import { DeadlineSweep } from '../../core/deadline-sweep.js';
import { CancelledError, GatewayError } from '../../core/errors.js';
import { IdTable } from '../../core/id-table.js';
import type { Call } from './call.js';

/** A call that was sent under an id of its channel. */
export class Slot {
  /** The last progress that was let through: progress only ever grows. */
  progress = Number.NEGATIVE_INFINITY;

  constructor(
    readonly id: number,
    readonly call: Call,
    private readonly table: CallTable,
  ) {}

  get deadline(): number {
    return this.call.deadline;
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
  private readonly slots = new IdTable<Slot>();
  private readonly sweep: DeadlineSweep<Slot>;
  private lastId = 0;

  /** @param givenUp hears of a call that ended on our side and why, before whoever waits for it */
  constructor(
    clock: Clock,
    private readonly givenUp: (slot: Slot, error: GatewayError) => void,
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
    const slot = new Slot(++this.lastId, call, this);
    this.slots.set(slot.id, slot);
    this.sweep.watch(call.deadline);
    call.signal?.addEventListener('abort', slot);
    return slot;
  }

  find(id: unknown): Slot | undefined {
    return typeof id === 'number' ? this.slots.get(id) : undefined;
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
    return this.slots.delete(slot.id);
  }

  giveUp(slot: Slot, error: GatewayError): void {
    if (!this.remove(slot)) return;
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
