import type { Clock, Timer } from './core/clock.js';

/** The longest that a timer of Node can wait; anything longer would be over at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** When somebody first asked in this turn; undefined until somebody does. */
let turn: number | undefined;

function endTurn(): void {
  turn = undefined;
}

/** Ends with the check phase: at the latest the next time that the event loop has read everything there was to read. */
function beginTurn(): number {
  setImmediate(endTurn);
  return (turn = performance.now());
}

/** The machine's time. What is set for later than in 24 days calls back then, and has to look at the time again. */
export const systemClock: Clock = {
  now: () => performance.now(),
  turn: () => turn ?? beginTurn(),
  wall: () => Date.now(),
  after(ms: number, callback: () => void): Timer {
    const timer = setTimeout(callback, Math.min(ms, LONGEST_MS)).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
