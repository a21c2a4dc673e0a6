/** The place of a value in a queue. */
export interface Place<T> {
  readonly value: T;
  older: Place<T> | undefined;
  newer: Place<T> | undefined;
}

/** Values in the order in which they came, each of which can leave at any time at no cost to the others. */
export class LinkedQueue<T> {
  private first: Place<T> | undefined;
  private last: Place<T> | undefined;
  private count = 0;

  get size(): number {
    return this.count;
  }

  get oldest(): T | undefined {
    return this.first?.value;
  }

  get newest(): T | undefined {
    return this.last?.value;
  }

  push(value: T): Place<T> {
    const place: Place<T> = { value, older: this.last, newer: undefined };
    if (this.last) this.last.newer = place;
    else this.first = place;
    this.last = place;
    this.count++;
    return place;
  }

  /** @param place of this queue, and not removed before */
  remove(place: Place<T>): void {
    const { older, newer } = place;
    if (older) older.newer = newer;
    else this.first = newer;
    if (newer) newer.older = older;
    else this.last = older;
    this.count--;
  }

  /** The newest values for which this is true, in the order in which they came. */
  newestWhile(holds: (value: T) => boolean): T[] {
    const values: T[] = [];
    for (let place = this.last; place && holds(place.value); place = place.older) values.push(place.value);
    return values.toReversed();
  }
}
