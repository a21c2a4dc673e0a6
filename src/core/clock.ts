/** Time, so that tests can own it. */
export interface Clock {
  /** Monotonic milliseconds: for time-outs, ages and latencies. */
  now(): number;
  /**
   * Monotonic milliseconds as somebody first asked for them in this turn of the event loop: the same for all who ask
   * in it, never later than `now()`, and next to free. For deadlines and limits; latencies are measured by `now()`.
   */
  turn(): number;
  /** Milliseconds since 1970: for logs and sealed values only. */
  wall(): number;
  /** Calls back once after so many milliseconds. Never keeps the process alive. */
  after(ms: number, callback: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

export const CLOCK = Symbol('Clock');
