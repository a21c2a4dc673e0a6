import type { Principal } from '../core/principal.js';

/** On whose behalf something is sent, as far as its server is shown: an exchange is one, and a holder. */
export interface Behalf {
  readonly principal: Principal;
  /** As of an exchange. Left out where there is no request that had any. */
  header?(name: string): string | undefined;
}
