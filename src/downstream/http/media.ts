import type { IncomingHttpHeaders } from 'node:http';

import { Violation } from '../../protocol/index.js';

/** What every client sends that follows the specification to the letter. */
const USUAL = 'application/json, text/event-stream';
const JSON_TYPE = 'application/json';
const SSE_TYPE = 'text/event-stream';

/** Other names of the same thing. No web page can send one of them to another origin without being allowed to. */
const JSON_LIKE = /^(text|application)\/([\w.-]+\+)?(x-)?json(-?rpc)?$/;

/** Why a body is not taken: anything but plain JSON, whatever charset it claims. */
export function bodyProblem({
  'content-type': type,
  'content-encoding': encoding,
}: IncomingHttpHeaders): Violation | undefined {
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return new Violation('content_encoding', 'the body must not be compressed');
  }
  if (type === JSON_TYPE) return undefined;
  const plain = (type ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (plain === JSON_TYPE) return undefined;
  const rule = JSON_LIKE.test(plain) ? 'content_type_spelling' : 'content_type';
  return new Violation(rule, `the body must be ${JSON_TYPE}`);
}

/** What a client takes for an answer to a POST. One that does not say gets JSON. */
export interface Acceptance {
  readonly json: boolean;
  readonly sse: boolean;
}

/** Reads `Accept` of a POST. A problem unless it lists JSON and event streams, as Streamable HTTP wants, or takes anything. */
export function acceptance(accept: string | undefined): Acceptance & { readonly problem?: Violation } {
  if (accept === USUAL) return { json: true, sse: true };
  if (accept === undefined) return { json: true, sse: false };
  const types = mediaTypes(accept);
  const sse = types.has(SSE_TYPE) || types.has('text/*');
  const json = types.has(JSON_TYPE) || types.has('application/*');
  if (types.has('*/*')) return { json: true, sse };
  if (json && sse) return { json, sse };
  return { json, sse, problem: new Violation('accept', `accept both ${JSON_TYPE} and ${SSE_TYPE}`) };
}

/** Why a GET gets no event stream: it does not take one. */
export function streamProblem(accept: string | undefined): Violation | undefined {
  if (accept === undefined) return undefined;
  const types = mediaTypes(accept);
  const isTaken = types.has(SSE_TYPE) || types.has('text/*') || types.has('*/*');
  return isTaken ? undefined : new Violation('accept', `accept ${SSE_TYPE}`);
}

function mediaTypes(accept: string): ReadonlySet<string> {
  return new Set(accept.split(',').map((range) => (range.split(';', 1)[0] ?? '').trim().toLowerCase()));
}
