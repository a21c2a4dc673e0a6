import type { ThingKind } from '../../core/access.js';
import type { Target } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import type { Principal } from '../../core/principal.js';
import type { Term } from './condition.js';
import type { Scope } from './expression.js';
import type { Rule } from './rule.js';
import { principalScope, targetScope } from './scope.js';

/** Hears of a rule whose `when` could not be evaluated, or gave something else than true or false. */
export type FailureListener = (rule: string) => void;

/** What a thing is asked for with. */
export interface Call {
  readonly principal: Principal;
  readonly route: string;
  readonly method: string;
  /** Undefined where there is no request any more that came from anywhere. */
  readonly clientAddress: string | undefined;
  /** Undefined for arguments that must not be judged. */
  readonly readArguments: () => JsonObject | undefined;
}

/** A thing and what kind of thing it is. */
export interface Thing {
  readonly kind: ThingKind;
  readonly target: Target;
}

/** Whether the conditions of a rule hold that can be decided at one moment. What fails does not hold. */
export class RuleEvaluator {
  constructor(private readonly onFailure: FailureListener) {}

  forPrincipal(rule: Rule, principal: Principal, route: string): boolean {
    const terms = rule.termsAt('principal');
    if (terms.length === 0) return true;
    return this.hold(rule, terms, { principal: principalScope(principal), request: { route } });
  }

  forTarget(rule: Rule, thing: Thing, principal: Principal, route: string): boolean {
    const terms = rule.termsAt('target');
    if (terms.length === 0) return true;
    if (!terms.every((term) => isDecidable(term, thing))) return false;
    return this.hold(rule, terms, { ...aimedAt(thing), principal: principalScope(principal), request: { route } });
  }

  forCall(rule: Rule, thing: Thing, call: Call): boolean {
    const terms = rule.termsAt('call');
    if (terms.length === 0) return true;
    if (!terms.every((term) => isDecidable(term, thing))) return false;
    const { principal, route, method, clientAddress } = call;
    const given = terms.some(({ needsArguments }) => needsArguments) ? call.readArguments() : {};
    if (!given) return this.failed(rule);
    return this.hold(rule, terms, {
      ...aimedAt(thing),
      principal: principalScope(principal),
      arguments: given,
      request: { route, method, ...(clientAddress !== undefined && { client_address: clientAddress }) },
    });
  }

  private hold(rule: Rule, terms: readonly Term[], scope: Scope): boolean {
    try {
      for (const term of terms) {
        const value = term.evaluate(scope);
        if (value === false) return false;
        if (value !== true) return this.failed(rule);
      }
      return true;
    } catch {
      return this.failed(rule);
    }
  }

  private failed({ name }: Rule): false {
    this.onFailure(name);
    return false;
  }
}

/** What speaks of tools is not for prompts, and what a server says of a thing must be known. */
function isDecidable({ ofTools, needsDefinition }: Term, { kind, target }: Thing): boolean {
  if (ofTools && kind !== 'tools') return false;
  if (!needsDefinition) return true;
  // A resource is read by its URI alone: what its list says of it is not known then, and decides nothing.
  return (kind === 'tools' || kind === 'prompts') && target.definition !== undefined;
}

function aimedAt({ kind, target }: Thing): Scope {
  const scope = targetScope(kind, target);
  return { target: scope, tool: kind === 'tools' ? scope : {} };
}
