import type { ThingKind } from '../../core/access.js';
import type { Target } from '../../core/exchange.js';
import { isObject, type JsonObject } from '../../core/json.js';
import type { Principal } from '../../core/principal.js';

const KINDS: Readonly<Record<ThingKind, string>> = {
  tools: 'tool',
  prompts: 'prompt',
  resources: 'resource',
  templates: 'template',
};

const principals = new WeakMap<Principal, JsonObject>();

/** `principal` of expressions. Put together once for a principal. */
export function principalScope(principal: Principal): JsonObject {
  const known = principals.get(principal);
  if (known) return known;
  const { method, issuer = null, subject, roles, scopes, tenant = null, claims } = principal;
  const scope = { method, issuer, subject, roles: [...roles], scopes: [...scopes], tenant, claims };
  principals.set(principal, scope);
  return scope;
}

/** `target` of expressions: what its server says of it, under the names that the group gave it. */
export function targetScope(kind: ThingKind, { group, name, definition }: Target): JsonObject {
  const described = definition?.object() ?? {};
  const { annotations } = described;
  return { ...described, annotations: isObject(annotations) ? annotations : {}, kind: KINDS[kind], name, group };
}
