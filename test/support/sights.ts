import type { AccessControl, Sight, ThingKind } from '../../src/core/access.js';
import type { Target } from '../../src/core/exchange.js';
import { principalOf, type Principal } from '../../src/core/principal.js';

/** A principal with one role. */
export function principalIn(role: string, subject = role): Principal {
  return principalOf({ method: 'test', subject, roles: [role] });
}

/** What one role may see: names and URIs as their servers know them, as `group name`, or a whole group as `group *`. */
export class RoleSights implements AccessControl {
  /** How often somebody was asked whether a thing is shown. */
  asked = 0;
  private readonly sights = new Map<string, { readonly of: string; readonly sight: Sight }>();

  /** @param seen by role; who has none of these may see everything */
  constructor(readonly seen: Record<string, readonly string[]>) {}

  sightOf({ roles: [role = ''] }: Principal, route: string): Sight | undefined {
    const seen = this.seen[role];
    if (!seen) return undefined;
    const of = seen.join();
    const known = this.sights.get(`${role} ${route}`);
    if (known?.of === of) return known.sight;
    const sight = this.make(`${route} ${of}`, new Set(seen));
    this.sights.set(`${role} ${route}`, { of, sight });
    return sight;
  }

  mayFollow(principal: Principal, route: string, resource: Target): boolean {
    return this.sightOf(principal, route)?.shows('resources', resource) ?? true;
  }

  private make(key: string, seen: ReadonlySet<string>): Sight {
    return {
      key,
      reaches: (group) => [...seen].some((each) => each.startsWith(`${group} `)),
      shows: (_: ThingKind, { group, name }: Target) => {
        this.asked++;
        return seen.has(`${group} *`) || seen.has(`${group} ${name}`);
      },
    };
  }
}
