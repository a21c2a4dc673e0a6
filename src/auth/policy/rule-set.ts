import { createHash } from 'node:crypto';

import { isObject, type JsonValue } from '../../core/json.js';
import type { Principal } from '../../core/principal.js';
import type { PolicySection } from './policy.section.js';
import { Rule } from './rule.js';
import { RuleEvaluator, type FailureListener } from './rule-evaluator.js';
import { ExpressionError } from './expression.js';
import { principalScope } from './scope.js';
import { View } from './view.js';

/** Views that are kept beside those that principals in use have. */
const MAX_VIEWS = 1_000;

/** All rules of one configuration, and what each principal sees by them. */
export class RuleSet {
  /** There is no policy: everybody may do everything, and nobody has to be asked. */
  readonly idle: boolean;
  private readonly rules: readonly Rule[];
  private readonly isOpen: boolean;
  private readonly evaluator: RuleEvaluator;
  private readonly byPrincipal = new WeakMap<Principal, Map<string, View>>();
  private readonly views = new Map<string, View>();

  constructor({ default: otherwise, rules }: PolicySection, onFailure: FailureListener = () => undefined) {
    this.rules = rules.flatMap((config) => compiled(config) ?? []);
    this.isOpen = (otherwise ?? (rules.length === 0 ? 'allow' : 'deny')) === 'allow';
    this.idle = this.isOpen && rules.length === 0;
    this.evaluator = new RuleEvaluator(onFailure);
  }

  /** What a principal sees of a route. */
  viewOf(principal: Principal, route: string): View {
    let routes = this.byPrincipal.get(principal);
    if (!routes) this.byPrincipal.set(principal, (routes = new Map<string, View>()));
    let view = routes.get(route);
    if (!view) routes.set(route, (view = this.make(principal, route)));
    return view;
  }

  /** The rules that are for a principal on a route, in their order. */
  rulesFor(principal: Principal, route: string): readonly Rule[] {
    return this.rules.filter(
      (rule) => rule.isOn(route) && rule.isFor(principal) && this.evaluator.forPrincipal(rule, principal, route),
    );
  }

  private make(principal: Principal, route: string): View {
    const rules = this.rulesFor(principal, route);
    const closing = this.isOpen ? this.rules.filter((rule) => rule.isOn(route)) : undefined;
    const key = keyOf({ route, rules, closing, read: readOf(rules, principal) });
    const known = this.views.get(key);
    if (known) return known;
    const view = new View({ key, route, principal, rules, closing, evaluator: this.evaluator });
    if (this.views.size >= MAX_VIEWS) {
      const [oldest] = this.views.keys();
      if (oldest !== undefined) this.views.delete(oldest);
    }
    this.views.set(key, view);
    return view;
  }
}

interface Seen {
  readonly route: string;
  readonly rules: readonly Rule[];
  readonly closing: readonly Rule[] | undefined;
  /** What the conditions over targets read of the principal. */
  readonly read: readonly JsonValue[];
}

/** The same for the same rules over the same attributes, on every replica and after every restart. */
function keyOf({ route, rules, closing, read }: Seen): string {
  const marks = (some: readonly Rule[]): string[] => some.map(({ mark }) => mark);
  const all = JSON.stringify([route, marks(rules), closing ? marks(closing) : null, read]);
  return createHash('sha256').update(all).digest('base64url').slice(0, 22);
}

function readOf(rules: readonly Rule[], principal: Principal): JsonValue[] {
  const references = rules.flatMap((rule) => rule.termsAt('target').flatMap((term) => term.references));
  return references
    .filter(([variable]) => variable === 'principal')
    .map(([, ...path]) =>
      path.reduce<JsonValue>((value, member) => {
        const own = isObject(value) && Object.hasOwn(value, member) ? value[member] : null;
        return own ?? null;
      }, principalScope(principal)),
    );
}

/** A rule that cannot be used is found out when the configuration is checked; until then it allows nothing. */
function compiled(config: PolicySection['rules'][number]): Rule | undefined {
  try {
    return new Rule(config);
  } catch (thrown) {
    if (thrown instanceof ExpressionError) return undefined;
    throw thrown;
  }
}
