import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Principal } from '../../core/principal.js';
import type { Route } from '../../routing/index.js';

/** One HTTP request to the MCP endpoint that has passed the door. */
export interface HttpCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: Route;
  readonly principal: Principal;
  readonly clientAddress: string;
}

/** The session id that a request came with, if any. */
export function sessionToken({ request }: HttpCall): string | undefined {
  const token = request.headers['mcp-session-id'];
  return typeof token === 'string' ? token : undefined;
}
