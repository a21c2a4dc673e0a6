import { applyDecorators, Controller, UseFilters, UseGuards } from '@nestjs/common';

import { AdminGuard } from './admin.guard.js';
import { ApiErrorFilter } from './api-error.filter.js';
import { ApiError } from './api-error.view.js';
import {
  ApiBasicAuth,
  ApiBearerAuth,
  ApiForbiddenResponse,
  ApiSecurity,
  ApiTags,
  ApiTooManyRequestsResponse,
  ApiUnauthorizedResponse,
} from './description.js';
import { RateLimitGuard } from './rate-limit.guard.js';

/** A controller of the admin API: guarded, with its failures as `ApiError`, and described. */
export function AdminApi(resource: string): ClassDecorator {
  return applyDecorators(
    Controller(`api/v1/${resource}`),
    UseGuards(AdminGuard, RateLimitGuard),
    UseFilters(ApiErrorFilter),
    ApiTags(resource),
    ApiSecurity('api_key'),
    ApiBasicAuth('basic'),
    ApiBearerAuth('bearer'),
    ApiUnauthorizedResponse({ type: ApiError, description: 'No credential was shown, or one that is not good here.' }),
    ApiForbiddenResponse({
      type: ApiError,
      description: 'The Host or the Origin of the request is not allowed, or the role of its sender does not suffice.',
    }),
    ApiTooManyRequestsResponse({
      type: ApiError,
      description: 'There were too many requests, or too many bad credentials; `Retry-After` says when.',
    }),
  );
}
