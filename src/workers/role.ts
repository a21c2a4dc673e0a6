import { Primary } from './primary/primary.js';

/** Tells a process that it is a primary, and of how many workers. Nobody else sees it: it is taken away at once. */
const ROLE = 'MCP_GATEWAY_PRIMARY_OF';

/**
 * Makes this process the primary of so many workers. It has read the configuration to know that, and loaded all that
 * serves, which a primary has no use for: so the same process begins anew, without it.
 *
 * @returns only where the system cannot do that; then it is the primary as it stands
 */
export function becomePrimary(size: number): void {
  const argv = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  if (process.platform !== 'win32' && process.execve) {
    process.execve(process.execPath, argv, { ...process.env, [ROLE]: String(size) });
  }
  new Primary(size).run();
}

/** Runs as the primary, where that is what this process was started anew for. Whether it does. */
export function actAsPrimary(): boolean {
  const size = process.env[ROLE];
  delete process.env[ROLE];
  if (size === undefined) return false;
  new Primary(Number(size)).run();
  return true;
}
