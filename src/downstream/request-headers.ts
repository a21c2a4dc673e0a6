import { GatewayError } from '../core/errors.js';

export { clientAddressOf as addressOf } from '../core/client-connection.js';

const MAX_HEADERS = 100;
/** Of the request target, query and all. */
const MAX_URI_BYTES = 8 * 1_024;
/** Headers that mean two things when they come twice, and then mean one thing here and another elsewhere; a bit for each. */
const SINGLE: ReadonlyMap<string, number> = new Map(
  [
    'host',
    'origin',
    'authorization',
    'x-api-key',
    'content-type',
    'mcp-session-id',
    'mcp-protocol-version',
    'mcp-method',
    'mcp-name',
  ].map((name, bit) => [name, 1 << bit]),
);

/** As much of a request as is judged by its looks. */
interface Head {
  readonly url?: string | undefined;
  readonly rawHeaders: readonly string[];
}

/** Why a request is refused for the looks of its first line and its headers, whatever it wants; if it is. */
export function headerProblem({ url = '', rawHeaders }: Head): GatewayError | undefined {
  if (url.length > MAX_URI_BYTES) return new GatewayError('protocol_uri_too_long', 'the URI is too long');
  if (rawHeaders.length > MAX_HEADERS * 2) return new GatewayError('protocol_headers_too_large', 'too many headers');
  let seen = 0;
  let others: Set<string> | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const bit = SINGLE.get(name) ?? 0;
    if (seen & bit) return twice(name);
    seen |= bit;
    if (bit !== 0 || !name.startsWith('mcp-')) continue;
    others ??= new Set();
    if (others.has(name)) return twice('mcp-*');
    others.add(name);
  }
  return undefined;
}

function twice(name: string): GatewayError {
  return new GatewayError('protocol_malformed', `header ${name} stands twice`);
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

/** Whether a request is meant for the endpoints of HTTP+SSE: `/sse` or something below it, or `/messages`. */
export function isSsePath(path: string): boolean {
  return (path.startsWith('/sse') && (path.length === 4 || path[4] === '/')) || isMessagesPath(path);
}

/** Whether a request asks for what OAuth clients have to know of the gateway (RFC 9728). */
export function isMetadataPath(path: string): boolean {
  const metadata = '/.well-known/oauth-protected-resource';
  return path.startsWith(metadata) && (path.length === metadata.length || path[metadata.length] === '/');
}

/** Whether that is where clients of HTTP+SSE post their messages to; a trailing slash is forgiven. */
export function isMessagesPath(path: string): boolean {
  return path === '/messages' || path === '/messages/';
}
