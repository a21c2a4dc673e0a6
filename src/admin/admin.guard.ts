import { Inject, Injectable, Optional, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';

import { PrincipalGuard, principalOfRequest } from '../auth/index.js';
import { AUDIT_TRAIL, type AuditTrail } from '../core/audit-trail.js';
import { GatewayError } from '../core/errors.js';
import { ActReport, isWrite } from './act-report.js';
import { AdminCredentials } from './admin-credentials.js';
import { AdminDoor } from './admin-door.js';
import { suffices } from './admin-role.js';
import { type AdminVisitor, LOCAL_VISITOR, noteVisitor } from './admin-visitor.js';
import { Needs } from './needs.decorator.js';
import { shapeProblem } from './request-shape.js';

/**
 * Stands before every handler of the admin API, whatever the path looked like that led to it: whether there is one
 * for this request, who sends it, and whether that is somebody who may do this.
 */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(
    private readonly door: AdminDoor,
    private readonly credentials: AdminCredentials,
    private readonly principals: PrincipalGuard,
    private readonly acts: ActReport,
    private readonly reflector: Reflector,
    @Optional() @Inject(AUDIT_TRAIL) private readonly trail: AuditTrail | undefined,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    this.door.pass(request);
    const visitor = this.credentials.exist ? await this.visitor(context, request) : LOCAL_VISITOR;
    this.acts.follow(request, http.getResponse<Response>(), visitor.principal);
    const refusal = this.refusal(context, request, visitor);
    if (refusal) throw refusal;
    noteVisitor(request, visitor as AdminVisitor);
    return true;
  }

  private async visitor(
    context: ExecutionContext,
    request: Request,
  ): Promise<Partial<AdminVisitor> & Pick<AdminVisitor, 'principal'>> {
    await this.principals.canActivate(context);
    const principal = principalOfRequest(request);
    const role = this.credentials.roleOf(principal);
    return role === undefined ? { principal } : { principal, role };
  }

  private refusal(
    context: ExecutionContext,
    request: Request,
    { role }: Partial<AdminVisitor>,
  ): GatewayError | undefined {
    const needed = this.reflector.get(Needs, context.getHandler()) ?? 'admin';
    if (role === undefined || !suffices(role, needed))
      return new GatewayError('access_denied', 'your role may not do this');
    return shapeProblem(request) ?? (isWrite(request) ? this.trail?.refusal() : undefined);
  }
}
