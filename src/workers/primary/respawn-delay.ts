const FIRST_MS = 100;
const LONGEST_MS = 30_000;

/** A worker that has served so long did not end because of its start: it is started as if for the first time. Milliseconds. */
export const STABLE_MS = 30_000;

/** From so many ends in a row on, the cause is not chance. */
export const CRASH_LOOP = 5;

/** @param deaths how often a worker has ended in a row, at least once. Milliseconds */
export function respawnDelay(deaths: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** (deaths - 1));
}
