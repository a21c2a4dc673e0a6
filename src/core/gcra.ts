/** A rate as the generic cell rate algorithm sees it. Milliseconds. */
export interface Pace {
  /** How long one takes. */
  readonly intervalMs: number;
  /** How far ahead of the pace a burst may be. */
  readonly toleranceMs: number;
}

export interface Paced {
  readonly allowed: boolean;
  /** When the last one that was let in will be done; to be kept, and given the next time. Monotonic milliseconds. */
  readonly tat: number;
  readonly retryAfterMs: number;
}

/** @param count in a period @param burst how many may come at once */
export function paceOf(count: number, periodMs: number, burst: number): Pace {
  const intervalMs = periodMs / count;
  return { intervalMs, toleranceMs: intervalMs * burst };
}

/** Sums of times are not exact: so much too early is on time. Milliseconds. */
const ROUNDING_MS = 1e-3;

/**
 * One step of the generic cell rate algorithm: evenly, with bursts, and with nothing to keep but one time.
 *
 * @param tat what the last step gave; anything in the past where there was none
 * @see https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
 */
export function step(tat: number, now: number, { intervalMs, toleranceMs }: Pace, cost = 1): Paced {
  const next = Math.max(tat, now) + intervalMs * cost;
  const early = next - toleranceMs - now;
  return early > ROUNDING_MS
    ? { allowed: false, tat, retryAfterMs: early }
    : { allowed: true, tat: next, retryAfterMs: 0 };
}

/** How many more would be let in at once. */
export function remainingAt(tat: number, now: number, { intervalMs, toleranceMs }: Pace): number {
  const left = Math.min(toleranceMs, toleranceMs - (tat - now) + ROUNDING_MS);
  return Math.max(0, Math.floor(left / intervalMs + 1e-9));
}
