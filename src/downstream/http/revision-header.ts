import type { IncomingHttpHeaders } from 'node:http';

import { revisionOf, Violation } from '../../protocol/index.js';

/** Why the `MCP-Protocol-Version` of a legacy request is refused: it names no legacy revision that is spoken here. Absent is fine. */
export function revisionProblem({ 'mcp-protocol-version': revision }: IncomingHttpHeaders): Violation | undefined {
  if (revision === undefined || (typeof revision === 'string' && revisionOf(revision)?.era === 'legacy'))
    return undefined;
  return new Violation('revision_header', 'unsupported protocol version');
}

/** The same, where messages of both eras come in. */
export function namedRevisionProblem(headers: IncomingHttpHeaders): Violation | undefined {
  const { 'mcp-protocol-version': revision } = headers;
  if (typeof revision === 'string' && revisionOf(revision)?.era === 'modern') return undefined;
  return revisionProblem(headers);
}
