import type { GatewayError } from '../core/errors.js';
import type { Exchange } from '../core/exchange.js';
import type { Filter, Next } from '../core/filter.js';
import type { McpReply, McpRequest } from '../core/message.js';
import { PipelineFilter } from '../pipeline/index.js';
import { RateLimiter } from './rate-limiter.js';

/** Holds up requests that are too many. */
@PipelineFilter({ name: 'rate_limit', phase: 'limit', always: true })
export class RateLimitFilter implements Filter {
  constructor(private readonly limiter: RateLimiter) {}

  get idle(): boolean {
    return !this.limiter.enabled;
  }

  /** @throws `limit_rate` */
  handle(request: McpRequest, exchange: Exchange, next: Next): Promise<McpReply> {
    const refusal = this.limiter.judge(exchange);
    if (refusal === undefined) return next(request, exchange);
    if (!(refusal instanceof Promise)) return Promise.reject(refusal);
    return this.wait(refusal, request, exchange, next);
  }

  private async wait(
    refusal: Promise<GatewayError | undefined>,
    request: McpRequest,
    exchange: Exchange,
    next: Next,
  ): Promise<McpReply> {
    const refused = await refusal;
    if (refused) throw refused;
    return next(request, exchange);
  }
}
