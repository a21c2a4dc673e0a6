import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';

import { GatewayError, headersOf } from '../core/errors.js';
import type { ApiError } from './api-error.view.js';

/** Says every failure as an `ApiError`. What nobody foresaw is logged, and told to nobody else. */
@Catch()
export class ApiErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger('AdminApi');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const error = asGatewayError(thrown);
    if (error.code === 'gateway_fault') this.logger.error(error.cause);
    const body: ApiError = { error: { code: error.code, message: error.message } };
    host.switchToHttp().getResponse<Response>().set(headersOf(error)).status(error.traits.status).json(body);
  }
}

/** Nest and Express speak up themselves when a request is malformed. */
function asGatewayError(thrown: unknown): GatewayError {
  const status = thrown instanceof HttpException ? thrown.getStatus() : 500;
  return status < 500 ? new GatewayError('protocol_malformed', 'malformed request') : GatewayError.from(thrown);
}
