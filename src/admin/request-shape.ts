import type { Request } from 'express';

import { GatewayError } from '../core/errors.js';

const JSON_TYPE = /^application\/json *(?:;|$)/i;

/**
 * What is wrong with the shape of a request: nothing here takes a query or a body. Forms of other people's pages, and
 * secrets in URLs, end here.
 */
export function shapeProblem({ url, headers }: Request): GatewayError | undefined {
  if (url.includes('?') && !url.endsWith('?')) return new GatewayError('protocol_malformed', 'no query is taken here');
  const type = headers['content-type'];
  if (type !== undefined && !JSON_TYPE.test(type)) {
    return new GatewayError('protocol_media_type', 'a body can only be application/json');
  }
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return hasBody ? new GatewayError('protocol_malformed', 'no body is taken here') : undefined;
}
