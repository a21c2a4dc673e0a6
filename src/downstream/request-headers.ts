import type { IncomingMessage } from 'node:http';

import { GatewayError } from '../core/errors.js';

const MAX_HEADERS = 100;
/** Headers that mean two things when they come twice, and then mean one thing here and another elsewhere. */
const SINGLE = new Set(['host', 'origin', 'authorization', 'content-type', 'mcp-session-id', 'mcp-protocol-version']);

/** Why the headers of a request are refused, if they are. */
export function headerProblem({ rawHeaders }: IncomingMessage): GatewayError | undefined {
  if (rawHeaders.length > MAX_HEADERS * 2) return new GatewayError('protocol_malformed', 'too many headers');
  let seen: Set<string> | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    if (!SINGLE.has(name)) continue;
    if (seen?.has(name)) return new GatewayError('protocol_malformed', `header ${name} stands twice`);
    (seen ??= new Set()).add(name);
  }
  return undefined;
}

/** The path of a request target, without its query. */
export function pathOf(url: string | undefined): string {
  const target = url ?? '/';
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}

/** Whether a request is meant for the MCP endpoint: `/mcp` or something below it, written plainly. */
export function isMcpPath(path: string): boolean {
  return path.startsWith('/mcp') && (path.length === 4 || path[4] === '/');
}

/** The address at the other end of a socket, without port; an IPv4 address is written as one. */
export function addressOf({ socket }: IncomingMessage): string {
  const address = socket.remoteAddress ?? '';
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
