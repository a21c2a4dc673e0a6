import type { Group } from '../../upstream/index.js';
import type { GroupHolder } from '../holder/group-holder.js';

/** Whom a list is asked of: a group, on the session that everybody shares or on that of a holder. */
export interface ListSource {
  readonly group: Group;
  readonly holder?: GroupHolder | undefined;
}
