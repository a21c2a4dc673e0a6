import type { ThingKind } from '../../core/access.js';
import type { Rule } from './rule.js';

/** Names of which it is remembered which rules are about them. */
const MAX_NAMES = 10_000;
/** Longer names are looked at each time. */
const MAX_NAME_LENGTH = 256;

/** Which rules name a thing, and what follows from that alone. */
export class Naming {
  /** Whether it may take what the server says of the thing to decide about it. */
  readonly needsDefinition: boolean;
  /** Whether all of these rules show it, whatever its server says of it. */
  readonly isShownByAll: boolean;
  /** Whether every call is allowed: whoever it is of those who see this, and whatever the call says. */
  readonly isFree: boolean;

  /** @param rules undefined for a thing that is open because no rule is about it */
  constructor(readonly rules: readonly Rule[] | undefined) {
    this.needsDefinition = rules?.some((rule) => rule.needsDefinition) ?? false;
    this.isShownByAll = rules?.every((rule) => rule.termsAt('target').length === 0) ?? true;
    this.isFree = this.isShownByAll && !this.needsDefinition && isFree(rules);
  }
}

/** Conditions of a call are evaluated in the order of the rules: what stands behind one of them depends on it. */
function isFree(rules: readonly Rule[] | undefined): boolean {
  if (rules === undefined) return true;
  const first = rules.find((rule) => rule.termsAt('call').length > 0 || rule.scopes.length === 0);
  return first?.termsAt('call').length === 0;
}

/** What is known of names. Finding one builds no text: three look-ups. When there are too many, all are forgotten. */
export class Namings {
  private known = new Map<ThingKind, Map<string, Map<string, Naming>>>();
  private count = 0;

  constructor(
    private readonly rulesOf: (kind: ThingKind, group: string, name: string) => readonly Rule[] | undefined,
  ) {}

  get size(): number {
    return this.count;
  }

  of(kind: ThingKind, group: string, name: string): Naming {
    return this.known.get(kind)?.get(group)?.get(name) ?? this.find(kind, group, name);
  }

  private find(kind: ThingKind, group: string, name: string): Naming {
    const found = new Naming(this.rulesOf(kind, group, name));
    if (name.length > MAX_NAME_LENGTH) return found;
    if (this.count >= MAX_NAMES) {
      this.known = new Map();
      this.count = 0;
    }
    const groups = this.known.get(kind) ?? new Map<string, Map<string, Naming>>();
    const names = groups.get(group) ?? new Map<string, Naming>();
    this.known.set(kind, groups.set(group, names.set(name, found)));
    this.count++;
    return found;
  }
}
