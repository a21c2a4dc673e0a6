import { Injectable } from '@nestjs/common';

import { Extensions } from '../extension/index.js';
import type { AuthSection } from './auth.section.js';
import { AuthMethod, type AuthMethodTraits } from './auth-method.js';
import type { OwnRealm } from './own-realm.js';

/** Stands last among the methods where whoever shows nothing may come in. No method of its own. */
export const ANONYMOUS_METHOD = 'anonymous';

/** Tells which auth methods are in force where. */
@Injectable()
export class MethodChoice {
  private readonly realms = new Map<string, OwnRealm>();

  constructor(private readonly extensions: Extensions) {}

  /** From now on a route asks for credentials of its own, whatever the configuration says of all others. */
  reserve(route: string, realm: OwnRealm): void {
    this.realms.set(route, realm);
  }

  realmOf(route: string): OwnRealm | undefined {
    return this.realms.get(route);
  }

  /** Every method there is, in the order in which they are looked for. */
  known(): readonly string[] {
    return this.extensions.names(AuthMethod);
  }

  traits(name: string): AuthMethodTraits {
    return this.extensions.traits(AuthMethod, name);
  }

  isConfigured(name: string, section: AuthSection): boolean {
    const { isConfigured } = this.traits(name);
    return isConfigured ? isConfigured(section) : Object.hasOwn(section.options ?? {}, name);
  }

  /** The names of the methods of a route, in order; `anonymous` among them. */
  of(route: string, section: AuthSection): readonly string[] {
    const realm = this.realms.get(route);
    if (realm) return [...realm.methods.keys()];
    const own = Object.hasOwn(section.routes, route) ? (section.routes[route]?.methods ?? []) : [];
    const named = own.length > 0 ? own : section.methods;
    return named.length > 0 ? named : this.known().filter((name) => this.isConfigured(name, section));
  }
}
