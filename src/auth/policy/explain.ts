import type { ThingKind } from '../../core/access.js';
import type { Target } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import type { Principal } from '../../core/principal.js';
import type { PolicyRuleConfig, PolicySection } from './policy.section.js';
import { Rule } from './rule.js';
import { RuleEvaluator, type Call } from './rule-evaluator.js';
import { RuleSet } from './rule-set.js';

/** Who wants to do what. */
export interface PolicyQuestion {
  readonly principal: Principal;
  readonly route: string;
  readonly kind: ThingKind;
  /** Not described: nothing is connected to. */
  readonly target: Target;
  readonly arguments: JsonObject;
}

/** What becomes of it, and why. */
export interface PolicyAnswer {
  readonly verdict: 'allowed' | 'hidden' | 'denied' | 'scope';
  /** One line for each rule: whether it matches, or what keeps it from that. */
  readonly lines: readonly string[];
}

const METHODS: Readonly<Record<ThingKind, string>> = {
  tools: 'tools/call',
  prompts: 'prompts/get',
  resources: 'resources/read',
  templates: 'completion/complete',
};

/** What the rules say of a request, and why. As the gateway decides, but without what only servers can tell. */
export function explainPolicy(section: PolicySection, question: PolicyQuestion): PolicyAnswer {
  const { principal, route, kind, target } = question;
  const call: Call = {
    principal,
    route,
    method: METHODS[kind],
    clientAddress: undefined,
    readArguments: () => question.arguments,
  };
  const rules = new RuleSet(section);
  const verdict = rules.idle ? 'allowed' : rules.viewOf(principal, route).judge({ kind, target }, call).kind;
  return { verdict, lines: section.rules.map((rule) => `${rule.name}: ${outcomeOf(rule, question, call)}`) };
}

function outcomeOf(config: PolicyRuleConfig, { principal, route, kind, target }: PolicyQuestion, call: Call): string {
  const rule = new Rule(config);
  const thing = { kind, target };
  let failed = false;
  const evaluator = new RuleEvaluator(() => (failed = true));
  const holds = (): boolean =>
    evaluator.forPrincipal(rule, principal, route) &&
    evaluator.forTarget(rule, thing, principal, route) &&
    evaluator.forCall(rule, thing, call);
  if (!rule.isOn(route)) return 'is for other routes';
  const stranger = rule.strangerBy(principal);
  if (stranger) return `is for other ${stranger}`;
  if (!rule.isOfGroup(target.group)) return 'is for other groups';
  if (!rule.isAbout(kind, target.group, target.name)) return `does not name it among its ${kind}`;
  if (rule.needsDefinition) return 'depends on what the server says of it, which is not known here';
  if (!holds()) return failed ? 'its condition cannot be evaluated' : 'its condition is not true';
  const missing = rule.scopes.filter((scope) => !principal.scopes.includes(scope));
  return missing.length > 0 ? `matches, but for the scopes ${missing.join(' ')}` : 'matches';
}
