import type { Duration } from '../../core/duration.js';
import type { ListBounds } from './drain.js';

/** How the lists of groups are asked for and kept. */
export interface ListSettings {
  /** How long a list is reused whose server does not announce changes; 0 asks each time. */
  readonly ttl: Duration;
  /** How long a group may take to answer for one list. */
  readonly timeout: Duration;
  /** How long the first lists wait, once, for a group that was never reached. */
  readonly firstWait: Duration;
  readonly bounds: ListBounds;
  /** Whether clients may be told that a list or a resource is for everybody, where its servers say so. */
  readonly mayBePublic: boolean;
}
