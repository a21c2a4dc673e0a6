/** Time, so that tests can own it. */
export interface Clock {
  /** Monotonic milliseconds: for time-outs, ages and latencies. */
  now(): number;
  /** Milliseconds since 1970: for logs and sealed values only. */
  wall(): number;
  /** Calls back once after so many milliseconds. Never keeps the process alive. */
  after(ms: number, callback: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

export const CLOCK = Symbol('Clock');
