import type { Listing, PageTools } from './drain.js';
import type { Interned } from './interned.js';
import type { ListSettings } from './list-settings.js';
import type { PinnedListings } from './pinned-listings.js';

/** What lists are kept with. */
export interface ListTools extends PageTools {
  readonly settings: ListSettings;
  /** Equal lists are kept once, however many sessions they were told on. */
  readonly listings: Interned<Listing>;
  /** What of the tools of a group is shown. */
  readonly pinned: PinnedListings;
}
