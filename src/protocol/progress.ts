import type { Params, RequestId } from '../core/message.js';
import { readStringOrInteger } from './scanner/id.js';

/** The token under which a request asks for progress, as its own bytes; undefined when it does not ask. */
export function requestedToken(params: Params | undefined): Buffer | undefined {
  const span = params?.spans.progressToken;
  return span && params.bytes.subarray(span[0], span[1]);
}

/** The token that a `notifications/progress` is about, its type kept; undefined when it names none. */
export function notifiedToken(params: Params | undefined): RequestId | undefined {
  const span = params?.spans.token;
  return span && readStringOrInteger(params.bytes, span[0], span[1]);
}

/** Params of a `notifications/progress` for the other leg: with its token in the place of ours. */
export function withToken(params: Params, token: Buffer): Buffer {
  const span = params.spans.token;
  return span ? params.spliced([{ at: span, bytes: token }]) : params.bytes;
}
