import type { Principal } from './principal.js';

/** Apart from the principals themselves, so that nothing that shows, logs or copies one can show its token. */
const tokens = new WeakMap<Principal, string>();

/** Remembers the token that a principal came with, for as long as the principal is. */
export function rememberCallerToken(principal: Principal, token: string): void {
  tokens.set(principal, token);
}

/**
 * The token that a principal came with, for one purpose alone: to be exchanged for another at an authorization
 * server (RFC 8693). It was issued for this gateway and must never be sent to an MCP server.
 */
export function callerToken(principal: Principal): string | undefined {
  return tokens.get(principal);
}
