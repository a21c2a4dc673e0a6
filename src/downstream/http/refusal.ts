import { type GatewayError, headersOf } from '../../core/errors.js';
import { NULL_ID, replyFrame } from '../../protocol/index.js';
import type { HttpResponse } from './http-message.js';

/** Up to this size a copy costs less than a write of two parts. */
const ONE_PIECE_BYTES = 1_024;

/** Answers a request that never became a message: status, and an error that belongs to no id. */
export function refuse(response: HttpResponse, error: GatewayError): void {
  sendJson(response, statusOf(error), refusalBody(error), error);
}

/** An error that belongs to no request, as a body. */
export function refusalBody(error: GatewayError): Buffer {
  return replyFrame(NULL_ID, error.toReply('legacy'));
}

/** Sends one whole JSON body. */
export function sendJson(response: HttpResponse, status: number, body: Buffer, failure?: GatewayError): void {
  if (response.destroyed || response.headersSent) return;
  if (failure?.traits.retryable && status >= 400) response.setHeader('retry-after', retryAfterSeconds(failure));
  response.writeHead(status, headersFor(body.length, failure) as string[]);
  // What is short leaves in one piece with its head, as text of which each character is a byte.
  if (body.length <= ONE_PIECE_BYTES) response.end(body.toString('latin1'), 'latin1');
  else response.end(body);
}

/** Names and values in turn: as an object they would be taken apart again. */
function headersFor(length: number, failure: GatewayError | undefined): readonly (string | number)[] {
  const own = ['content-type', 'application/json', 'content-length', length, 'cache-control', 'no-store'];
  return failure ? [...Object.entries(headersOf(failure)).flat(), ...own] : own;
}

/**
 * The status for a refusal at the door, where no message was dispatched that could have answered 200: a
 * fault of ours in particular must not look like an answer.
 */
function statusOf(error: GatewayError): number {
  const { http } = error.traits.legacy;
  return http === 200 ? error.traits.status : http;
}

function retryAfterSeconds({ data }: GatewayError): number {
  const { retryAfterMs } = data;
  return typeof retryAfterMs === 'number' ? Math.max(1, Math.ceil(retryAfterMs / 1_000)) : 1;
}
