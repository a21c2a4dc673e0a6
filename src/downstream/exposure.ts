import { type AuthSection, isEverybodyAsked } from '../auth/index.js';
import { isLoopbackHost } from '../core/loopback.js';
import type { SecuritySection } from '../auth/index.js';
import type { ServerSection } from './server.section.js';

/** Whether an address to listen on can be reached from this machine only. */
export function isLoopbackBind(host: string): boolean {
  return isLoopbackHost(host) || host === '::1';
}

/**
 * Why the gateway must not start like this: it would serve strangers without asking who they are.
 * Undefined when all is well.
 */
export function exposureProblem(
  server: Pick<ServerSection, 'host'>,
  security: Pick<SecuritySection, 'allowAnonymous'>,
  auth: AuthSection,
): string | undefined {
  if (isLoopbackBind(server.host) || security.allowAnonymous || isEverybodyAsked(auth)) return undefined;
  return (
    `${server.host} can be reached from other machines and not everybody has to say who they are; ` +
    'listen on 127.0.0.1, enable [security.auth] without anonymous, or set allow_anonymous = true in [security] if everybody may use the gateway'
  );
}
