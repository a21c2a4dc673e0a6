import { displayText } from '../core/display-text.js';
import type { Principal } from '../core/principal.js';

const MAX_ROLES = 32;
const MAX_NAME = 256;

/** One record as it is told, before it has a number and a hash. What is undefined is not written. */
export interface AuditEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly event: string;
  readonly principal?: Principal | undefined;
  readonly action?: string | undefined;
  readonly object?: string | undefined;
  readonly route?: string | undefined;
  readonly group?: string | undefined;
  readonly server?: string | undefined;
  readonly clientAddress?: string | undefined;
  readonly outcome?: AuditOutcome | undefined;
  readonly status?: number | undefined;
  readonly reason?: string | undefined;
  readonly latencyMs?: number | undefined;
  readonly requestId?: string | undefined;
  readonly argumentsSha256?: string | undefined;
  readonly arguments?: string | undefined;
  readonly detail?: object | undefined;
}

/** How something ended: `refused` is our doing, `failed` what went wrong. */
export type AuditOutcome = 'ok' | 'refused' | 'failed' | 'cancelled';

/** The record as it stands in the file: bounded, and without what could harm a screen. */
export function toRecord(entry: AuditEntry): object {
  return {
    time: new Date(entry.at).toISOString(),
    event: entry.event,
    principal: entry.principal && principalRecord(entry.principal),
    action: name(entry.action),
    object: name(entry.object),
    route: name(entry.route),
    group: name(entry.group),
    server: name(entry.server),
    client_address: name(entry.clientAddress),
    outcome: entry.outcome,
    status: entry.status,
    reason: name(entry.reason),
    latency_ms: entry.latencyMs === undefined ? undefined : Math.round(entry.latencyMs * 1_000) / 1_000,
    request_id: entry.requestId,
    arguments_sha256: entry.argumentsSha256,
    arguments: entry.arguments,
    detail: entry.detail,
  };
}

/** How an HTTP-like status reads as an outcome. */
export function outcomeOf(status: number, reason: string | undefined): AuditOutcome {
  if (status === 499) return 'cancelled';
  if (status >= 500 || reason === 'upstream_error') return 'failed';
  return status >= 400 ? 'refused' : 'ok';
}

function principalRecord({ method, issuer, subject, tenant, roles }: Principal): object {
  return {
    method: name(method),
    issuer: name(issuer),
    subject: name(subject),
    tenant: name(tenant),
    roles: roles.slice(0, MAX_ROLES).map((role) => displayText(role)),
  };
}

function name(text: string | undefined): string | undefined {
  return text === undefined ? undefined : displayText(text, MAX_NAME);
}
