import type { Params } from 'nestjs-pino';
import type { Logger } from 'pino';
import type { Request, Response } from 'express';

import { displayText } from '../core/display-text.js';
import { REQUEST_ID, requestIdOf } from '../core/request-id.js';

/** Polled every few seconds for as long as the gateway runs. */
const QUIET = /^\/(?:health|readiness|liveness)\/?$/;

/**
 * How requests that Express serves are logged: one line each, without query and headers. MCP traffic never
 * comes here; it has its own line, by `AccessLog`.
 */
export function httpLogParams(root: Logger): Params<Request, Response> {
  return {
    pinoHttp: {
      logger: root,
      genReqId: requestId,
      quietReqLogger: true,
      quietResLogger: true,
      autoLogging: { ignore: (request) => QUIET.test(pathOf(request)) },
      customAttributeKeys: { reqId: 'request_id', responseTime: 'latency' },
      customLogLevel: (_request, { statusCode }) => (statusCode >= 500 ? 'warn' : 'info'),
      customSuccessObject: httpFields,
      customErrorObject: (request, response, _error, fields: Timed) => httpFields(request, response, fields),
      customSuccessMessage: () => 'http',
      customErrorMessage: () => 'http',
    },
  };
}

interface Timed {
  readonly latency: number;
}

function httpFields(request: Request, { statusCode }: Response, { latency }: Timed): object {
  return { method: request.method, path: displayText(pathOf(request)), status: statusCode, latency };
}

/** Takes the caller's id if it can do no harm in a log, and tells it back. */
function requestId(request: Request, response: Response): string {
  const id = requestIdOf(request.headers);
  response.setHeader(REQUEST_ID, id);
  return id;
}

function pathOf({ originalUrl, url }: Request): string {
  return (originalUrl ?? url).split('?', 1)[0]!;
}
