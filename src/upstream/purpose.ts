import type { Exchange } from '../core/exchange.js';
import type { Relay } from '../core/filter.js';
import type { Holder } from './holder.js';

/** What stands behind a call: a downstream's exchange, or a question of the gateway's own. */
export interface Purpose {
  /** Monotonic milliseconds. Undefined where that is for the exchange to say. */
  readonly deadline?: number | undefined;
  readonly exchange?: Exchange;
  readonly relay?: Relay;
  readonly preferred?: string | undefined;
  /** On whose own session it is sent. */
  readonly holder?: Holder | undefined;
}
