import type { Clock } from '../core/clock.js';
import { step } from '../core/gcra.js';
import { answerOf, paceOfRate } from './rate-answer.js';
import type { Rate, RateCounter, Taken } from './rate-counter.js';

/** One key: an object, so that counting writes to it and not to the table. */
interface Cell {
  tat: number;
}

const MAX_KEYS = 100_000;

/** Of how many keys one is dropped when there is no room: so many are looked at for each new key, on average. */
const ROOM_SHARE = 16;

/**
 * Counts in this process. Bounded and without timers: when it is full, keys that owe nothing any more go first, and
 * only then those that came first.
 */
export class MemoryRateCounter implements RateCounter {
  private readonly cells = new Map<string, Cell>();

  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly maxKeys: number = MAX_KEYS,
  ) {}

  get size(): number {
    return this.cells.size;
  }

  take(key: string, rate: Rate, cost = 1): Taken {
    const now = this.clock.now();
    const pace = paceOfRate(rate);
    const cell = this.cells.get(key);
    // A debt from a slower rate, before a reload, is cut down to what this rate knows.
    const tat = cell ? Math.min(cell.tat, now + pace.toleranceMs) : now;
    const paced = step(tat, now, pace, cost);
    if (paced.allowed) {
      if (cell) cell.tat = paced.tat;
      else this.add(key, paced.tat, now);
    }
    return answerOf(paced, now, pace);
  }

  private add(key: string, tat: number, now: number): void {
    if (this.cells.size >= this.maxKeys) this.makeRoom(now);
    this.cells.set(key, { tat });
  }

  private makeRoom(now: number): void {
    for (const [key, { tat }] of this.cells) if (tat <= now) this.cells.delete(key);
    const wanted = this.maxKeys - Math.ceil(this.maxKeys / ROOM_SHARE);
    for (const key of this.cells.keys()) {
      if (this.cells.size <= wanted) return;
      this.cells.delete(key);
    }
  }
}
