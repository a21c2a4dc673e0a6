import type { Wire } from '../wire.js';

/** The channel, as far as what comes on it needs it. */
export interface UnpromptedHost {
  readonly wire: Wire | undefined;
  /** The revision that was agreed on, once it was. */
  readonly revision: string | undefined;
  write(frame: Buffer): void;
  dropped(why: string): void;
}
