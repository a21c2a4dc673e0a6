import type { BreakerState } from '../../core/server-state.js';

/** What a breaker needs to know; times are milliseconds. */
export interface BreakerSettings {
  readonly enabled: boolean;
  readonly failureThreshold: number;
  readonly openDuration: number;
  readonly maxOpenDuration: number;
  readonly jitter: number;
}

const CLOSED: BreakerState = Object.freeze({ kind: 'closed' });
const WAITING: BreakerState = Object.freeze({ kind: 'half_open', trial: false });
const TRYING: BreakerState = Object.freeze({ kind: 'half_open', trial: true });

/**
 * Keeps requests from a server that keeps failing.
 *
 * It opens after so many failures in a row, lets a single trial through when its time is over, and
 * closes when that succeeds; a trial that fails opens it for twice as long. Knows no timer: it is told
 * the time (monotonic milliseconds) and says what follows from it.
 */
export class Breaker {
  private current: BreakerState = CLOSED;
  private failures = 0;
  private openings = 0;

  /**
   * @param changed hears every new state
   * @param random a number from 0 up to 1
   */
  constructor(
    private readonly settings: BreakerSettings,
    private readonly changed: (state: BreakerState) => void = () => undefined,
    private readonly random: () => number = Math.random,
  ) {}

  /** The state as it was when it last changed; `offers` is what brings an open one forward. */
  get state(): BreakerState {
    return this.current;
  }

  /** Whether a request may be sent now. */
  offers(now: number): boolean {
    if (this.current.kind === 'closed') return true;
    if (this.current.kind === 'open') {
      if (now < this.current.until) return false;
      this.become(WAITING);
    }
    return this.current === WAITING;
  }

  /** A request is being sent: the one trial, if the breaker is half open. */
  begin(): void {
    if (this.current === WAITING) this.become(TRYING);
  }

  succeed(): void {
    // What was sent before the breaker opened says nothing about the time after it.
    if (this.current.kind !== 'open') this.reset();
  }

  fail(now: number): void {
    if (!this.settings.enabled || this.current.kind === 'open') return;
    this.failures++;
    if (this.current === TRYING || this.failures >= this.settings.failureThreshold) this.open(now);
  }

  /** A request ended in a way that proves nothing: somebody cancelled it, say. */
  forgo(): void {
    if (this.current === TRYING) this.become(WAITING);
  }

  /** Starts over, as with a server that was introduced anew. */
  reset(): void {
    this.failures = 0;
    this.openings = 0;
    if (this.current !== CLOSED) this.become(CLOSED);
  }

  private open(now: number): void {
    const { openDuration, maxOpenDuration, jitter } = this.settings;
    const planned = Math.min(maxOpenDuration, openDuration * 2 ** Math.min(this.openings++, 30));
    this.failures = 0;
    this.become({ kind: 'open', until: now + planned * (1 + jitter * (2 * this.random() - 1)) });
  }

  private become(state: BreakerState): void {
    this.current = state;
    this.changed(state);
  }
}
