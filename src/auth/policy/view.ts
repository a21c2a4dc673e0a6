import type { Sight, ThingKind } from '../../core/access.js';
import type { Definition } from '../../core/definition.js';
import type { Target } from '../../core/exchange.js';
import type { Principal } from '../../core/principal.js';
import { type Naming, Namings } from './naming.js';
import type { Rule } from './rule.js';
import type { Call, RuleEvaluator, Thing } from './rule-evaluator.js';
import { ALLOWED, DENIED, HIDDEN, type Verdict } from './verdict.js';

export interface ViewParts {
  readonly key: string;
  readonly route: string;
  /** One of those who see this: whatever the rules read of it is the same for all of them. */
  readonly principal: Principal;
  /** The rules that let the principal in here. */
  readonly rules: readonly Rule[];
  /** All rules of the route where things are open that none of them is about; else undefined. */
  readonly closing: readonly Rule[] | undefined;
  readonly evaluator: RuleEvaluator;
}

/** What those to whom the same rules apply see of a route, and may use of it. */
export class View implements Sight {
  readonly key: string;
  /** Whether nothing is hidden. */
  readonly seesAll: boolean;
  private readonly namings: Namings;
  private readonly described = new WeakMap<Definition, readonly Rule[]>();

  constructor(private readonly parts: ViewParts) {
    this.key = parts.key;
    this.seesAll = parts.rules.some((rule) => rule.showsAll) || parts.closing?.length === 0;
    this.namings = new Namings((kind, group, name) => this.rulesOf(kind, group, name));
  }

  shows(kind: ThingKind, target: Target): boolean {
    if (this.seesAll) return true;
    const rules = this.showing({ kind, target });
    return rules === undefined || rules.length > 0;
  }

  reaches(group: string): boolean {
    const { rules, closing } = this.parts;
    if (this.seesAll || rules.some((rule) => rule.isOfGroup(group))) return true;
    return closing !== undefined && !closing.some((rule) => rule.isWhole && rule.isOfGroup(group));
  }

  /** Whether it takes what the server says of a thing, which is not known, to decide about it. */
  wantsDefinition({ kind, target }: Thing): boolean {
    return target.definition === undefined && this.naming(kind, target).needsDefinition;
  }

  /** Whether every call of a thing is allowed, by its name alone: then nobody has to `judge`. */
  frees(kind: ThingKind, target: Target): boolean {
    return this.naming(kind, target).isFree;
  }

  /** What becomes of a call. */
  judge(thing: Thing, call: Call): Verdict {
    const rules = this.showing(thing);
    if (rules === undefined) return ALLOWED;
    if (rules.length === 0) return HIDDEN;
    let wanting: Rule | undefined;
    for (const rule of rules) {
      const hasScopes = rule.scopes.length === 0 || rule.scopes.every((scope) => call.principal.scopes.includes(scope));
      if (!hasScopes && wanting) continue;
      if (!this.parts.evaluator.forCall(rule, thing, call)) continue;
      if (hasScopes) return ALLOWED;
      wanting = rule;
    }
    return wanting ? { kind: 'scope', scopes: wanting.scopes } : DENIED;
  }

  /** The rules that show a thing. Undefined for one that is open because no rule is about it. */
  private showing(thing: Thing): readonly Rule[] | undefined {
    const { rules, isShownByAll } = this.naming(thing.kind, thing.target);
    if (!rules || isShownByAll) return rules;
    const { definition } = thing.target;
    const known = definition && this.described.get(definition);
    if (known) return known;
    const { principal, route, evaluator } = this.parts;
    const showing = rules.filter((rule) => evaluator.forTarget(rule, thing, principal, route));
    if (definition) this.described.set(definition, showing);
    return showing;
  }

  private naming(kind: ThingKind, { group, name }: Target): Naming {
    return this.namings.of(kind, group, name);
  }

  /** The rules that name a thing. Undefined as for `showing`. */
  private rulesOf(kind: ThingKind, group: string, name: string): readonly Rule[] | undefined {
    const { rules, closing } = this.parts;
    const about = rules.filter((rule) => rule.isAbout(kind, group, name));
    const isOpen = about.length === 0 && closing?.some((rule) => rule.touches(kind, group, name)) === false;
    return isOpen ? undefined : about;
  }
}
