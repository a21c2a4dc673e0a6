import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard, type IAuthGuard, type Type } from '@nestjs/passport';
import type { Request } from 'express';

import { clientAddressOf } from '../../core/client-connection.js';
import type { Principal } from '../../core/principal.js';
import { ADMIN_DESTINATION, type Destination } from '../credentials.js';
import { headFor } from './passport-answer.js';
import { PassportStrategies } from './passport-strategies.js';
import { STRATEGY_NAMES } from './strategy-names.js';

const Guard: Type<IAuthGuard> = AuthGuard([...STRATEGY_NAMES]);

/**
 * Lets a Nest route be used by whom `Reception` lets in, and puts the principal into `request.user`. Extend it for
 * other destinations than the admin API. Not for the data path, which asks the service itself.
 */
@Injectable()
export class PrincipalGuard extends Guard {
  constructor(private readonly strategies: PassportStrategies) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    await this.strategies.ready();
    const request = context.switchToHttp().getRequest<Request>();
    headFor(request, this.destinationOf(request));
    return (await super.canActivate(context)) as boolean;
  }

  /** Where the request wants to go, and where it comes from. */
  protected destinationOf(request: Request): Destination {
    const { id } = request as { readonly id?: unknown };
    return {
      route: ADMIN_DESTINATION,
      clientAddress: clientAddressOf(request),
      ...(typeof id === 'string' && { requestId: id }),
    };
  }
}

/** Whom a `PrincipalGuard` let in. */
export function principalOfRequest(request: Request): Principal {
  return request.user as Principal;
}
