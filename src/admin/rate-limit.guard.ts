import { Injectable, type ExecutionContext } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerRequest } from '@nestjs/throttler';
import type { Request, Response } from 'express';

import { clientAddressOf } from '../core/client-connection.js';
import { GatewayError } from '../core/errors.js';
import { subnetOf } from '../core/subnet.js';

/**
 * Holds up whoever asks the admin API too often: each client for itself, then all of them together, so that a noisy
 * one takes nothing of what the others have.
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  /** In the order in which they are configured: that of the base class is by time, which is the same for all. */
  override async onModuleInit(): Promise<void> {
    await super.onModuleInit();
    this.throttlers.sort((one, other) => rank(one.name) - rank(other.name));
  }

  protected override async shouldSkip(context: ExecutionContext): Promise<boolean> {
    return context.getType() !== 'http';
  }

  /** One budget for all of the API, not one for each handler. */
  protected override generateKey(_context: ExecutionContext, tracker: string, name: string): string {
    return name === GLOBAL ? name : `${name}:${tracker}`;
  }

  protected override async getTracker(request: Record<string, unknown>): Promise<string> {
    return subnetOf(clientAddressOf(request as unknown as Request));
  }

  /** @throws `limit_rate` */
  protected override async handleRequest(asked: ThrottlerRequest): Promise<boolean> {
    const { context, limit, ttl, throttler, blockDuration, getTracker, generateKey } = asked;
    const http = context.switchToHttp();
    const response = http.getResponse<Response>();
    const name = throttler.name ?? CLIENT;
    const key = generateKey(
      context,
      await getTracker(http.getRequest<Request & Record<string, unknown>>(), context),
      name,
    );
    const counted = await this.storageService.increment(key, ttl, limit, blockDuration, name);
    const seconds = counted.isBlocked ? Math.max(1, counted.timeToBlockExpire) : counted.timeToExpire;
    add(response, 'RateLimit-Policy', `"${name}";q=${limit};w=${ttl / 1_000}`);
    add(response, 'RateLimit', `"${name}";r=${Math.max(0, limit - counted.totalHits)};t=${seconds}`);
    if (!counted.isBlocked) return true;
    response.setHeader('Retry-After', seconds);
    throw new GatewayError('limit_rate', 'too many requests', { retryAfterMs: seconds * 1_000 });
  }
}

export const CLIENT = 'client';
export const GLOBAL = 'global';

/** One list in one field: there are clients that only read the last of two. */
function add(response: Response, name: string, item: string): void {
  const before = response.getHeader(name);
  response.setHeader(name, before === undefined ? item : `${String(before)}, ${item}`);
}

function rank(name: string | undefined): number {
  return name === GLOBAL ? 1 : 0;
}
