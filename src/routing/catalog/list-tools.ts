import type { Clock } from '../../core/clock.js';
import type { Listing } from './drain.js';
import type { Interned } from './interned.js';
import type { ListSettings } from './list-settings.js';

/** What lists are kept with. */
export interface ListTools {
  readonly settings: ListSettings;
  readonly clock: Clock;
  /** Equal lists are kept once, however many sessions they were told on. */
  readonly listings: Interned<Listing>;
}
