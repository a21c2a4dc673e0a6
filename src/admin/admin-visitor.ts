import type { Request } from 'express';

import { GatewayError } from '../core/errors.js';
import { type Principal, principalOf } from '../core/principal.js';
import type { AdminRole } from './admin-role.js';

/** Somebody who was let in. */
export interface AdminVisitor {
  readonly principal: Principal;
  readonly role: AdminRole;
}

/** Whoever is on this machine, where nobody has to say who that is. */
export const LOCAL_VISITOR: AdminVisitor = {
  principal: principalOf({ method: 'anonymous', subject: 'local', roles: ['admin'] }),
  role: 'admin',
};

const visitors = new WeakMap<Request, AdminVisitor>();

export function noteVisitor(request: Request, visitor: AdminVisitor): void {
  visitors.set(request, visitor);
}

/** Who sent a request that a guard has let in. @throws `gateway_fault` for any other */
export function visitorOf(request: Request): AdminVisitor {
  const visitor = visitors.get(request);
  if (!visitor) throw new GatewayError('gateway_fault', 'internal error');
  return visitor;
}
