import { applyDecorators, Controller, UseFilters, UseGuards } from '@nestjs/common';
import { ApiForbiddenResponse, ApiTags } from '@nestjs/swagger';

import { AdminGuard } from './admin.guard.js';
import { ApiErrorFilter } from './api-error.filter.js';
import { ApiError } from './api-error.view.js';

/** A controller of the admin API: guarded, with its failures as `ApiError`, and described. */
export function AdminApi(resource: string): ClassDecorator {
  return applyDecorators(
    Controller(`api/v1/${resource}`),
    UseGuards(AdminGuard),
    UseFilters(ApiErrorFilter),
    ApiTags(resource),
    ApiForbiddenResponse({ type: ApiError, description: 'The Host or the Origin of the request is not allowed.' }),
  );
}
