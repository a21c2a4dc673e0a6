import type { Params, RequestId } from '../core/message.js';
import { readStringOrInteger } from './scanner/id.js';

/** Params of `notifications/cancelled` for a request of ours. */
export function cancelledParams(requestId: RequestId, reason?: string): Buffer {
  return Buffer.from(JSON.stringify({ requestId, reason }));
}

/** What a `notifications/cancelled` gives as its reason, if it does. */
export function cancelledReason(params: Params | undefined): string | undefined {
  const reason = params?.object()['reason'];
  return typeof reason === 'string' ? reason : undefined;
}

/** Which request a `notifications/cancelled` means, its type kept; undefined when it means none. */
export function cancelledRequest(params: Params | undefined): RequestId | undefined {
  const span = params?.spans.requestId;
  return span && readStringOrInteger(params.bytes, span[0], span[1]);
}
