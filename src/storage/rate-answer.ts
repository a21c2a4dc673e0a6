import { type Pace, type Paced, paceOf, remainingAt } from '../core/gcra.js';
import type { Rate, Taken } from './rate-counter.js';

/** A rate in the words of the algorithm. */
export function paceOfRate({ count, periodMs, burst }: Rate): Pace {
  return paceOf(count, periodMs, burst);
}

/** What a step of the algorithm means to whoever asked. */
export function answerOf({ allowed, tat, retryAfterMs }: Paced, now: number, pace: Pace): Taken {
  return {
    allowed,
    remaining: remainingAt(tat, now, pace),
    retryAfterMs,
    resetAfterMs: Math.max(0, tat - now),
  };
}
