import type { IncomingHttpHeaders } from 'node:http';

import { GatewayError } from '../../core/errors.js';

/** What every client sends that follows the specification to the letter. */
const USUAL = 'application/json, text/event-stream';
const JSON_TYPE = 'application/json';
const SSE_TYPE = 'text/event-stream';

/** Why a body is not taken: anything but plain JSON, whatever charset it claims. */
export function bodyProblem({
  'content-type': type,
  'content-encoding': encoding,
}: IncomingHttpHeaders): GatewayError | undefined {
  if (type !== JSON_TYPE && type?.split(';', 1)[0]?.trim().toLowerCase() !== JSON_TYPE) {
    return new GatewayError('protocol_media_type', `the body must be ${JSON_TYPE}`);
  }
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return new GatewayError('protocol_media_type', 'the body must not be compressed');
  }
  return undefined;
}

/** What a client takes for an answer to a POST. One that does not say gets JSON. */
export interface Acceptance {
  readonly json: boolean;
  readonly sse: boolean;
}

/**
 * Reads `Accept` of a POST.
 *
 * @throws `protocol_not_acceptable` unless it lists JSON and event streams, as Streamable HTTP wants, or
 * takes anything
 */
export function acceptance(accept: string | undefined): Acceptance {
  if (accept === USUAL) return { json: true, sse: true };
  if (accept === undefined) return { json: true, sse: false };
  const types = mediaTypes(accept);
  const sse = types.has(SSE_TYPE) || types.has('text/*');
  const json = types.has(JSON_TYPE) || types.has('application/*');
  if (types.has('*/*')) return { json: true, sse };
  if (json && sse) return { json, sse };
  throw new GatewayError('protocol_not_acceptable', `accept both ${JSON_TYPE} and ${SSE_TYPE}`);
}

/** @throws `protocol_not_acceptable` when a GET does not take an event stream */
export function checkAcceptsStream(accept: string | undefined): void {
  if (accept === undefined) return;
  const types = mediaTypes(accept);
  if (types.has(SSE_TYPE) || types.has('text/*') || types.has('*/*')) return;
  throw new GatewayError('protocol_not_acceptable', `accept ${SSE_TYPE}`);
}

function mediaTypes(accept: string): ReadonlySet<string> {
  return new Set(accept.split(',').map((range) => (range.split(';', 1)[0] ?? '').trim().toLowerCase()));
}
