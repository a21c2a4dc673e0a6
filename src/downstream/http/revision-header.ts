import type { IncomingHttpHeaders } from 'node:http';

import { GatewayError } from '../../core/errors.js';
import { revisionOf } from '../../protocol/index.js';

/** Why the `MCP-Protocol-Version` of a request is refused: it names a revision that is not spoken here. Absent is fine. */
export function revisionProblem({ 'mcp-protocol-version': revision }: IncomingHttpHeaders): GatewayError | undefined {
  if (revision === undefined || (typeof revision === 'string' && revisionOf(revision)?.era === 'legacy'))
    return undefined;
  return new GatewayError('protocol_unsupported_revision', 'unsupported protocol version');
}
