import type { RequestId } from './message.js';

/** Slots of a new table, as a power of two. */
const SLOT_BITS = 3;
/** An empty table with more slots than these gives them back. */
const KEPT_SLOT_BITS = 10;

/**
 * What is in flight, by its id: a map for entries that come and go by the thousand a second, and are few at
 * any time. `1` and `"1"` are two ids.
 *
 * A `Map` moves to a new store whenever entries have come and gone for a while. Once it is old, all its stores
 * are, and V8 keeps whatever the left ones still refer to until its next full collection: each request with
 * all that belongs to it. The store of this table stays where it is.
 */
export class IdTable<T> {
  private bits = SLOT_BITS;
  private ids: (RequestId | undefined)[] = empty(SLOT_BITS);
  private entries: (T | undefined)[] = empty(SLOT_BITS);
  private count = 0;

  get size(): number {
    return this.count;
  }

  has(id: RequestId): boolean {
    return this.ids[this.slotOf(id)] !== undefined;
  }

  get(id: RequestId): T | undefined {
    return this.entries[this.slotOf(id)];
  }

  /** Enters one, in the place of whatever had this id. */
  set(id: RequestId, entry: T): void {
    if (2 * this.count >= this.ids.length) this.grow();
    const slot = this.slotOf(id);
    if (this.ids[slot] === undefined) this.count++;
    this.ids[slot] = id;
    this.entries[slot] = entry;
  }

  /** False when there was none of that id. */
  delete(id: RequestId): boolean {
    const slot = this.slotOf(id);
    if (this.ids[slot] === undefined) return false;
    this.vacate(slot);
    this.count--;
    if (this.count === 0 && this.bits > KEPT_SLOT_BITS) this.clear();
    else this.closeUp(slot);
    return true;
  }

  clear(): void {
    this.bits = SLOT_BITS;
    this.ids = empty(SLOT_BITS);
    this.entries = empty(SLOT_BITS);
    this.count = 0;
  }

  /** All of them as they are now, in no particular order. */
  values(): T[] {
    return this.entries.filter((entry) => entry !== undefined);
  }

  /** Where the entry of this id is, or would be: in the slot of its hash, or in the next ones that are free. */
  private slotOf(id: RequestId): number {
    const mask = this.ids.length - 1;
    let slot = hashOf(id) >>> (32 - this.bits);
    while (this.ids[slot] !== undefined && this.ids[slot] !== id) slot = (slot + 1) & mask;
    return slot;
  }

  /** Entries behind a slot that has become free may belong into it. */
  private closeUp(free: number): void {
    const mask = this.ids.length - 1;
    for (let slot = (free + 1) & mask; this.ids[slot] !== undefined; slot = (slot + 1) & mask) {
      const id = this.ids[slot] as RequestId;
      const entry = this.entries[slot];
      this.vacate(slot);
      const place = this.slotOf(id);
      this.ids[place] = id;
      this.entries[place] = entry;
    }
  }

  private vacate(slot: number): void {
    this.ids[slot] = undefined;
    this.entries[slot] = undefined;
  }

  private grow(): void {
    const { ids, entries } = this;
    this.bits++;
    this.ids = empty(this.bits);
    this.entries = empty(this.bits);
    for (const [slot, id] of ids.entries()) {
      if (id === undefined) continue;
      const place = this.slotOf(id);
      this.ids[place] = id;
      this.entries[place] = entries[slot];
    }
  }
}

function empty(bits: number): undefined[] {
  return Array.from({ length: 1 << bits }, () => undefined);
}

/** Spreads numbers that follow one another. Whoever makes ids that collide makes only its own requests slower. */
function hashOf(id: RequestId): number {
  return Math.imul(typeof id === 'number' ? id : folded(id), 0x9e3779b1);
}

/** FNV-1a over the UTF-16 units. */
function folded(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  return hash;
}
