import { All, Controller, UseFilters, UseGuards } from '@nestjs/common';

import { GatewayError } from '../core/errors.js';
import { AdminGuard } from './admin.guard.js';
import { ApiErrorFilter } from './api-error.filter.js';
import { ApiExcludeController } from './description.js';
import { Needs } from './needs.decorator.js';

/** Everything below /api that nobody else has: told apart from what is there only to whoever was let in. */
@Controller('api{/*path}')
@UseGuards(AdminGuard)
@UseFilters(ApiErrorFilter)
@ApiExcludeController()
export class UnknownController {
  /** @throws `route_unknown` */
  @All()
  @Needs('viewer')
  refuse(): never {
    throw new GatewayError('route_unknown', 'no such path');
  }
}
