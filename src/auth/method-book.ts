import { isDeepStrictEqual } from 'node:util';

import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Subscription } from 'rxjs';

import { ConfigService } from '../config/index.js';
import { Extensions } from '../extension/index.js';
import { AuthSection } from './auth.section.js';
import { AuthMethod } from './auth-method.js';
import { CredentialCache } from './credential-cache.js';
import { ANONYMOUS_METHOD, MethodChoice } from './method-choice.js';

/** An auth method as one realm knows it. */
export interface NamedMethod {
  readonly name: string;
  /** Whose credentials it takes: what is good in one realm is never remembered for another. */
  readonly realm: string;
  readonly method: AuthMethod;
}

/** How one route asks who is there. */
export interface RoutePlan {
  readonly methods: readonly NamedMethod[];
  /** Whether whoever shows nothing may come in. */
  readonly anonymous: boolean;
}

/** The plan of routes on which nobody has to say who they are. */
const OPEN: RoutePlan = { methods: [], anonymous: true };

/** Holds one instance of every auth method, and knows which of them serve which route. */
@Injectable()
export class MethodBook implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('Auth');
  private readonly methods = new Map<string, AuthMethod>();
  private plans = new Map<string, RoutePlan>();
  private changes: Subscription | undefined;

  constructor(
    private readonly config: ConfigService,
    private readonly choice: MethodChoice,
    private readonly extensions: Extensions,
    private readonly cache: CredentialCache,
  ) {}

  async onModuleInit(): Promise<void> {
    const section = this.config.get(AuthSection);
    for (const name of this.choice.known()) await this.make(name, section);
    this.changes = this.config.changes.subscribe(({ previous, next }) =>
      this.change(previous.get(AuthSection), next.get(AuthSection)),
    );
  }

  onModuleDestroy(): void {
    this.changes?.unsubscribe();
  }

  /** Undefined where nobody has to say who they are. */
  planOf(route: string): RoutePlan | undefined {
    const known = this.plans.get(route);
    if (known) return known === OPEN ? undefined : known;
    const realm = this.choice.realmOf(route);
    if (realm) {
      const methods = Array.from(realm.methods, ([name, method]) => ({ name, method, realm: route }));
      return { methods, anonymous: false };
    }
    const section = this.config.get(AuthSection);
    this.plans.set(route, section.enabled ? this.plan(this.choice.of(route, section)) : OPEN);
    return this.planOf(route);
  }

  private plan(names: readonly string[]): RoutePlan {
    const methods = names.flatMap((name) => {
      const method = this.methods.get(name);
      return method ? [{ name, method, realm: '' }] : [];
    });
    return { methods, anonymous: names.includes(ANONYMOUS_METHOD) };
  }

  private change(previous: AuthSection, next: AuthSection): void {
    this.plans = new Map();
    for (const method of this.methods.values()) method.apply(next);
    const others = this.choice
      .known()
      .filter((name) => !isDeepStrictEqual(previous.options?.[name], next.options?.[name]));
    if (others.length > 0) void this.remake(others, next);
  }

  /**
   * Options are given once, to an instance that has not been used yet. The old one serves until then, and goes on where
   * there is to be no other; what it vouched for in the meantime is forgotten. Never rejects.
   */
  private async remake(names: readonly string[], section: AuthSection): Promise<void> {
    for (const name of names) {
      try {
        if (this.config.get(AuthSection) === section) await this.make(name, section);
      } catch (thrown) {
        this.logger.error(thrown, `the auth method ${name} cannot be made with its new options; it stays as it was`);
      }
    }
    this.plans = new Map();
    this.cache.clear();
  }

  private async make(name: string, section: AuthSection): Promise<void> {
    const takesOptions = this.choice.traits(name).options !== undefined;
    if (takesOptions && !this.choice.isConfigured(name, section)) return;
    const method = await this.extensions.create(AuthMethod, name, takesOptions ? section.options?.[name] : {});
    method.apply(section);
    this.methods.set(name, method);
  }
}
