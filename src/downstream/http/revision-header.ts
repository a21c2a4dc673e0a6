import type { IncomingHttpHeaders } from 'node:http';

import { revisionOf, Violation } from '../../protocol/index.js';

/** Why the `MCP-Protocol-Version` of a request is refused: it names a revision that is not spoken here. Absent is fine. */
export function revisionProblem({ 'mcp-protocol-version': revision }: IncomingHttpHeaders): Violation | undefined {
  if (revision === undefined || (typeof revision === 'string' && revisionOf(revision)?.era === 'legacy'))
    return undefined;
  return new Violation('revision_header', 'unsupported protocol version');
}
