import type { Principal } from '../../core/principal.js';
import type { GatewayError } from '../../core/errors.js';
import type { Route } from '../../routing/index.js';
import type { Intake } from '../intake.js';
import type { HttpRequest, HttpResponse } from './http-message.js';

/** One HTTP request to the MCP endpoint that has passed the door. */
export interface HttpCall {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly route: Route;
  readonly principal: Principal;
  readonly clientAddress: string;
  readonly intake: Intake;
  /** Whether another worker has handed it over: it is served here, whatever it is. */
  readonly handedOver: boolean;
}

/**
 * What a message is refused with that never got as far as a route. It counts against its client as any request does:
 * where there have been too many, that is what is said.
 */
export function refusalOf({ intake, principal, clientAddress, route }: HttpCall, error: GatewayError): GatewayError {
  // What is too much was counted, or has nothing to do with what was sent.
  if (error.traits.blame !== 'downstream' || error.code.startsWith('limit_')) return error;
  return intake.tooSoon({ principal, clientAddress, routeName: route.name }) ?? error;
}

/** The session id that a request came with, if any. */
export function sessionToken({ request }: HttpCall): string | undefined {
  const token = request.headers['mcp-session-id'];
  return typeof token === 'string' ? token : undefined;
}
