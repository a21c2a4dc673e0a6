import type { ThingKind } from '../../core/access.js';
import type { Principal } from '../../core/principal.js';
import { parseCondition, type Moment, type Term } from './condition.js';
import { Globs } from '../../core/glob.js';
import type { PolicyRuleConfig } from './policy.section.js';
import { UriGlobs } from './uri-globs.js';

/** Which patterns of a rule a kind of thing is held against. */
const DIMENSIONS = {
  tools: 'tools',
  prompts: 'prompts',
  resources: 'resources',
  templates: 'resources',
} as const satisfies Record<ThingKind, keyof PolicyRuleConfig>;

/** What a principal is asked for. */
export type Who = 'roles' | 'principals' | 'tenants' | 'methods';

/** One rule, ready to be asked. */
export class Rule {
  readonly name: string;
  readonly scopes: readonly string[];
  /** The same for rules that allow the same: what they are called is no part of it. */
  readonly mark: string;
  /** Whether it is about everything in the groups that it is for. */
  readonly isWhole: boolean;
  /** Whether it reads what a server says of a thing. */
  readonly needsDefinition: boolean;
  private readonly who: Readonly<Record<Who, Globs | undefined>>;
  private readonly routes: Globs | undefined;
  private readonly groups: Globs | undefined;
  private readonly things: {
    readonly tools: Globs | undefined;
    readonly prompts: Globs | undefined;
    readonly resources: UriGlobs | undefined;
  };
  private readonly terms: Readonly<Record<Moment, readonly Term[]>>;

  /** @throws ExpressionError */
  constructor(config: PolicyRuleConfig) {
    const { name, roles, principals, tenants, methods, tools, prompts, resources, when, ...rest } = config;
    this.name = name;
    this.scopes = rest.scopes ?? [];
    this.mark = JSON.stringify(config, (key, value: unknown) => (key === 'name' ? undefined : value));
    this.isWhole = !tools && !prompts && !resources;
    this.who = {
      roles: Globs.of(roles),
      principals: Globs.of(principals),
      tenants: Globs.of(tenants),
      methods: Globs.of(methods),
    };
    this.routes = Globs.of(rest.routes);
    this.groups = Globs.of(rest.groups);
    this.things = { tools: Globs.of(tools), prompts: Globs.of(prompts), resources: UriGlobs.of(resources) };
    const terms = when === undefined ? [] : parseCondition(when);
    this.needsDefinition = terms.some((term) => term.needsDefinition);
    const at = (moment: Moment): readonly Term[] => terms.filter((term) => term.moment === moment);
    this.terms = { principal: at('principal'), target: at('target'), call: at('call') };
  }

  /** Whether it lets everybody whom it is for see everything. */
  get showsAll(): boolean {
    return !this.groups && this.isWhole && this.terms.target.length === 0;
  }

  /** Whether it is for a principal, whatever `when` says. */
  isFor(principal: Principal): boolean {
    return this.strangerBy(principal) === undefined;
  }

  /** By what a principal is none of those whom it is for. Undefined for one of them. */
  strangerBy({ roles, method, subject, tenant }: Principal): Who | undefined {
    const { who } = this;
    if (who.roles && !roles.some((role) => who.roles?.matches(role))) return 'roles';
    if (who.principals && !who.principals.matches(`${method}:${subject}`)) return 'principals';
    if (who.tenants && !who.tenants.matches(tenant)) return 'tenants';
    return who.methods && !who.methods.matches(method) ? 'methods' : undefined;
  }

  isOn(route: string): boolean {
    return !this.routes || this.routes.matches(route);
  }

  isOfGroup(group: string): boolean {
    return !this.groups || this.groups.matches(group);
  }

  /** Whether it speaks of a thing, by the group's own name for it. */
  isAbout(kind: ThingKind, group: string, name: string): boolean {
    if (!this.isOfGroup(group)) return false;
    return this.isWhole || (this.things[DIMENSIONS[kind]]?.matches(name) ?? false);
  }

  /** Whether it may speak of a thing: of a URI also by another spelling of that. */
  touches(kind: ThingKind, group: string, name: string): boolean {
    const things = this.things[DIMENSIONS[kind]];
    return things instanceof UriGlobs ? this.isOfGroup(group) && things.touches(name) : this.isAbout(kind, group, name);
  }

  /** The conditions of `when` that can be decided at a moment. */
  termsAt(moment: Moment): readonly Term[] {
    return this.terms[moment];
  }
}
