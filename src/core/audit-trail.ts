import type { GatewayError } from './errors.js';

/** What has to know whether what happens can be recorded. Owned by audit. */
export interface AuditTrail {
  /** Why nothing may be changed now: `audit_unavailable`. Undefined as long as it may. */
  refusal(): GatewayError | undefined;
}

export const AUDIT_TRAIL = Symbol('AuditTrail');
