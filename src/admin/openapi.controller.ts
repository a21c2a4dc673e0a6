import { Get } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';

import { AdminApi } from './admin-api.decorator.js';
import { ApiOkResponse, ApiOperation } from './description.js';
import { OpenApiDocument } from './openapi-document.js';
import { Needs } from './needs.decorator.js';

@AdminApi('openapi.json')
export class OpenApiController {
  constructor(private readonly document: OpenApiDocument) {}

  @Get()
  @Needs('viewer')
  @ApiOperation({ summary: 'This description' })
  @ApiOkResponse({ schema: { type: 'object' }, description: 'OpenAPI 3.1.' })
  get(): Promise<OpenAPIObject> {
    return this.document.get();
  }
}
