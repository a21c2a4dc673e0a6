import type { Target } from './exchange.js';
import type { Principal } from './principal.js';

/** What can be shown or hidden. */
export type ThingKind = 'tools' | 'prompts' | 'resources' | 'templates';

/** What one principal may see on one route. */
export interface Sight {
  /** The same for all who see the same: what is shown is put together once for each. Never empty. */
  readonly key: string;
  /** Whether a thing is shown at all. It must be quick, and the same for the same thing as long as the key is. */
  shows(kind: ThingKind, target: Target): boolean;
  /** Whether anything of a group may be shown. The same as long as the key is. */
  reaches(group: string): boolean;
}

/**
 * Whose eyes see what. Asked for lists; whether a call is let through is decided on its way down the chain, by the
 * same rules.
 */
export interface AccessControl {
  /** Undefined for whoever may see everything. */
  sightOf(principal: Principal, route: string): Sight | undefined;
  /** Whether a principal may subscribe to a resource, and go on being told of it. */
  mayFollow(principal: Principal, route: string, resource: Target): boolean;
}

/** Bound by auth, which owns the policies. */
export const ACCESS_CONTROL = Symbol('AccessControl');

/** Where there are no policies. */
export const EVERYTHING_SEEN: AccessControl = { sightOf: () => undefined, mayFollow: () => true };
