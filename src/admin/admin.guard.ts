import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Request } from 'express';

import { ConfigService } from '../config/index.js';
import { GatewayError } from '../core/errors.js';
import { isLoopbackAddress } from '../core/loopback.js';
import { AdminSection } from './admin.section.js';

/** Why a request may not come in, judged by its `Host` and `Origin`; undefined when it may. */
export type AdminGate = (request: Request) => GatewayError | undefined;

/** Bound by the top level, to the same judgement that MCP requests get. */
export const ADMIN_GATE = Symbol('AdminGate');

/**
 * Lets the admin API exist only while it is enabled and the main port is bound to loopback: until it has
 * a credential of its own, being on this machine is the credential. Elsewhere it is not refused but absent.
 */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(
    private readonly config: ConfigService,
    private readonly adapter: HttpAdapterHost,
    @Inject(ADMIN_GATE) private readonly gate: AdminGate,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const exists = this.config.get(AdminSection).enabled && this.isBoundToLoopback();
    if (!exists) throw new GatewayError('route_unknown', 'no such path');
    const refusal = this.gate(context.switchToHttp().getRequest<Request>());
    if (refusal) throw refusal;
    return true;
  }

  /** What the socket says, not what was configured: a name may resolve to anything. */
  private isBoundToLoopback(): boolean {
    const bound = this.adapter.httpAdapter.getHttpServer().address() as { address: string } | string | null;
    return typeof bound === 'object' && bound !== null && isLoopbackAddress(bound.address);
  }
}
