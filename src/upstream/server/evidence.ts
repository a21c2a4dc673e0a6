import type { Clock } from '../../core/clock.js';
import type { GatewayError } from '../../core/errors.js';
import type { BreakerState } from '../../core/server-state.js';
import { Breaker, type BreakerSettings } from '../breaker/breaker.js';
import { speaksAgainstServer } from '../upstream-failure.js';

/** What the requests to a server say about it: how many there were, and what its breaker makes of them. */
export class Evidence {
  requests = 0;
  failures = 0;
  private readonly breaker: Breaker;
  /** Which connection it is that requests are sent on. */
  private epoch = 0;

  /** @param changed hears every new state of the breaker */
  constructor(
    settings: BreakerSettings,
    private readonly clock: Clock,
    changed: (state: BreakerState) => void,
  ) {
    this.breaker = new Breaker(settings, changed);
  }

  get state(): BreakerState {
    return this.breaker.state;
  }

  /** Whether the breaker lets a request through now. */
  get allows(): boolean {
    return this.breaker.offers(this.clock.turn());
  }

  /** A request is about to be sent. Returns what `ended` wants to know. */
  began(): number {
    this.requests++;
    this.breaker.begin();
    return this.epoch;
  }

  /**
   * A request ended: with a reply, whatever it says, or with a failure of ours. False when that says nothing:
   * what happened on a connection that is gone tells nothing of the one there is now.
   */
  ended(epoch: number, error: GatewayError | undefined): boolean {
    if (error) this.failures++;
    if (epoch !== this.epoch) return false;
    if (!error) this.breaker.succeed();
    else if (speaksAgainstServer(error)) this.breaker.fail(this.clock.now());
    else this.breaker.forgo();
    return true;
  }

  /** The server was introduced, perhaps anew. */
  connected(): void {
    this.epoch++;
    this.breaker.reset();
  }

  lost(): void {
    this.epoch++;
    this.missed();
  }

  /** A try to reach the server was in vain. */
  missed(): void {
    this.breaker.fail(this.clock.now());
  }
}
