import type { GatewayError } from './errors.js';
import type { Pace } from './gcra.js';
import type { Principal } from './principal.js';

/** Who sends something, and where to. */
export interface Sender {
  readonly principal: Principal;
  /** Without port. */
  readonly clientAddress: string;
  /** Name of the route. */
  readonly routeName: string;
}

/**
 * Rate limits for what no filter chain sees: introductions, pings, and whatever else a connection brings. They are of
 * this process alone, so that nothing waits.
 */
export interface RateGate {
  /** Counts one request that is answered where it came in. Returns `limit_rate` where there are too many of them. */
  refusal(sender: Sender): GatewayError | undefined;
  /** How many messages of any kind one connection may bring before it is closed. Undefined where that is not limited. */
  readonly messagePace: Pace | undefined;
}

/** Bound by limits. */
export const RATE_GATE = Symbol('RateGate');

/** Where nothing is limited. */
export const NO_RATE_GATE: RateGate = { refusal: () => undefined, messagePace: undefined };
