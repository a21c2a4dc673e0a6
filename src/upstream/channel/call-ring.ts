/** Places of a new ring, as a power of two. */
const FEWEST = 16;
/** A ring that has become empty and has more places than these gives them back. */
const KEPT = 1_024;

/** Something that is in flight under a number of its own. */
export interface Numbered {
  readonly id: number;
}

/**
 * What is in flight, by numbers that are handed out one after the other, from 1 on and none twice: each has the place
 * that its number says. A number whose place is still taken, by something slow, is passed over.
 */
export class CallRing<T extends Numbered> {
  private places: (T | undefined)[] = empty(FEWEST);
  private mask = FEWEST - 1;
  private lastId = 0;
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** The number for what comes next, to be put in under it at once. */
  nextId(): number {
    if (2 * this.count > this.mask) this.grow();
    do this.lastId++;
    while (this.places[this.lastId & this.mask] !== undefined);
    return this.lastId;
  }

  put(entry: T): void {
    this.places[entry.id & this.mask] = entry;
    this.count++;
  }

  find(id: number): T | undefined {
    const found = this.places[id & this.mask];
    return found?.id === id ? found : undefined;
  }

  /** False when it was out already. */
  take(entry: T): boolean {
    const at = entry.id & this.mask;
    if (this.places[at] !== entry) return false;
    this.places[at] = undefined;
    if (--this.count === 0 && this.mask >= KEPT) this.resize(FEWEST);
    return true;
  }

  /** All of them as they are now, in no particular order. */
  values(): T[] {
    return this.places.filter((entry) => entry !== undefined);
  }

  /** In twice as many places, numbers that were apart stay apart. */
  private grow(): void {
    const entries = this.values();
    this.resize(2 * this.places.length);
    for (const entry of entries) this.places[entry.id & this.mask] = entry;
  }

  private resize(places: number): void {
    this.places = empty(places);
    this.mask = places - 1;
  }
}

function empty(places: number): undefined[] {
  return Array.from({ length: places }, () => undefined);
}
