import type { Clock, Timer } from './core/clock.js';

/** The longest that a timer of Node can wait; anything longer would be over at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** The machine's time. What is set for later than in 24 days calls back then, and has to look at the time again. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(ms: number, callback: () => void): Timer {
    const timer = setTimeout(callback, Math.min(ms, LONGEST_MS)).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
