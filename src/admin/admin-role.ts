import type { Principal } from '../core/principal.js';

/** What people may do by the admin API, from the least: each may do what those before it may. */
export const ADMIN_ROLES = ['viewer', 'operator', 'admin'] as const;
export type AdminRole = (typeof ADMIN_ROLES)[number];

export function isAdminRole(text: string): text is AdminRole {
  return (ADMIN_ROLES as readonly string[]).includes(text);
}

/** Whether a role is enough where another is needed. */
export function suffices(role: AdminRole, needed: AdminRole): boolean {
  return ADMIN_ROLES.indexOf(role) >= ADMIN_ROLES.indexOf(needed);
}

/**
 * The role of somebody who was let in: that of their key or user; with a token the highest that its roles stand for.
 * Undefined for a token that has none.
 */
export function roleOf(
  { method, roles }: Principal,
  jwtRoles: Readonly<Record<string, string>>,
): AdminRole | undefined {
  const meant =
    method === 'jwt' ? roles.map((role) => (Object.hasOwn(jwtRoles, role) ? jwtRoles[role] : undefined)) : roles;
  return ADMIN_ROLES.findLast((role) => meant.includes(role));
}
