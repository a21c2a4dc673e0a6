import type { IncomingHttpHeaders } from 'node:http';

import type { McpRequest, Params } from '../../core/message.js';
import type { IncomingNotification, IncomingRequest } from '../incoming.js';
import { METHODS } from '../methods.js';
import { LATEST_MODERN } from '../revisions/index.js';
import { Violation } from '../rules.js';
import { decodeHeader, encodeHeader, trimmed } from './header-text.js';

/**
 * The headers that say of a request to a modern server what its body says, but for its arguments.
 *
 * @param name what the request is about, as that server calls it
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */
export function modernHeaders(request: McpRequest, name: string | undefined): Record<string, string> {
  const headers: Record<string, string> = {
    'MCP-Protocol-Version': LATEST_MODERN.date,
    'Mcp-Method': request.method,
  };
  if (name !== undefined && namedBy(request.method) !== undefined) headers['Mcp-Name'] = encodeHeader(name);
  return headers;
}

/**
 * Where the headers of a modern message do not say what its body says, but for its version and its arguments;
 * undefined when they do. Of notifications nothing has to be said.
 */
export function modernHeaderProblem(
  incoming: IncomingRequest | IncomingNotification,
  headers: IncomingHttpHeaders,
): Violation | undefined {
  const { kind, method, params } = incoming;
  const problem = methodProblem(kind, method, textOf(headers['mcp-method']));
  return problem || kind === 'notification' ? problem : nameProblem(method, params, textOf(headers['mcp-name']));
}

function methodProblem(kind: string, method: string, header: string | undefined): Violation | undefined {
  if (header === undefined) {
    return kind === 'request' ? new Violation('method_header', 'Missing required header Mcp-Method') : undefined;
  }
  return trimmed(header) === method ? undefined : new Violation('method_header', 'Mcp-Method does not match method');
}

/** Where the body itself does not say what it is about, that is what is wrong, and not its header. */
function nameProblem(method: string, params: Params | undefined, header: string | undefined): Violation | undefined {
  const member = namedBy(method);
  const name = member && params?.text(member);
  if (member === undefined || name === undefined) return undefined;
  if (header === undefined) return new Violation('name_header', 'Missing required header Mcp-Name');
  const said = decodeHeader(header);
  if (said === undefined) return new Violation('name_header', 'Mcp-Name is not valid base64');
  return said === name ? undefined : new Violation('name_header', `Mcp-Name does not match params.${member}`);
}

/** A completion is about something too, but no header says it. */
function namedBy(method: string): 'name' | 'uri' | 'taskId' | undefined {
  if (!LATEST_MODERN.clientMethods.has(method)) return undefined;
  const member = METHODS.get(method)?.namedBy;
  return member === 'ref' ? undefined : member;
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header;
}
