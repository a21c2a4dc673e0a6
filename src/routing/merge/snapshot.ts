import { createHash } from 'node:crypto';

import type { Target } from '../../core/exchange.js';
import type { Listing } from '../catalog/drain.js';
import { exposeListing, type Owner } from '../catalog/exposed-items.js';
import type { CatalogKind } from '../catalog/list-kind.js';

/** What one group contributes to a merged list. */
export interface Contribution {
  readonly owner: Owner;
  /** Undefined for a group whose list was never told. */
  readonly listing: Listing | undefined;
  /** Whether it could not be asked just now: then what it told last stands in, if there is anything. */
  readonly degraded: boolean;
}

/** A merged list as it stood at one moment: in the order of the groups, then in that of their servers. Never changes. */
export class Snapshot {
  readonly items: readonly Buffer[];
  /** Names of the groups that could not be asked. */
  readonly degraded: readonly string[];
  /** Items that are not shown because an earlier group has one of the same name: group and name. */
  readonly hidden: readonly Target[];
  /** The same for the same list, on every replica: what cursors refer to. */
  readonly hash: string;
  /** What stands behind each of the items, in their order. */
  readonly targets: readonly Target[];
  private readonly table = new Map<string, Target>();

  constructor(
    readonly kind: CatalogKind,
    readonly contributions: readonly Contribution[],
  ) {
    const items: Buffer[] = [];
    const hidden: Target[] = [];
    for (const { owner, listing } of contributions) {
      for (const { exposed, bytes, target } of listing ? exposeListing(owner, kind, listing) : []) {
        if (this.table.has(exposed)) {
          hidden.push(target);
        } else {
          this.table.set(exposed, target);
          items.push(bytes);
        }
      }
    }
    this.items = items;
    this.targets = [...this.table.values()];
    this.hidden = hidden;
    this.degraded = contributions.filter(({ degraded }) => degraded).map(({ owner }) => owner.name);
    this.hash = hashOf(items);
  }

  /** What stands behind a name or template of the route. */
  find(exposed: string): Target | undefined {
    return this.table.get(exposed);
  }

  /** Whether it was made of just these. */
  isOf(contributions: readonly Contribution[]): boolean {
    return (
      contributions.length === this.contributions.length &&
      contributions.every(({ listing, degraded }, index) => {
        const own = this.contributions[index];
        return own !== undefined && own.listing === listing && own.degraded === degraded;
      })
    );
  }
}

/** The same string for the same contributions of the same groups. */
export function keyOf(contributions: readonly Contribution[]): string {
  return contributions.map(({ listing, degraded }) => `${listing?.hash ?? '-'}${degraded ? '!' : ''}`).join();
}

/** A mark of these items in this order. */
export function hashOf(items: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const item of items) hash.update(`${item.length}:`).update(item);
  return hash.digest('base64url').slice(0, 22);
}
