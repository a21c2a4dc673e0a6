import type { Rate, RateCounter, Taken } from './rate-counter.js';

/** Counts wherever all processes count together, where there is such a place. */
export class SharedRates implements RateCounter {
  private place: RateCounter;

  constructor(private readonly local: RateCounter) {
    this.place = local;
  }

  take(key: string, rate: Rate, cost?: number): Taken | Promise<Taken> {
    return this.place.take(key, rate, cost);
  }

  /** @param place undefined where there is none any more */
  countAt(place: RateCounter | undefined): void {
    this.place = place ?? this.local;
  }
}
