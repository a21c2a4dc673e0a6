import { Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, type OpenAPIObject } from '@nestjs/swagger';

import { AdminApi } from './admin-api.decorator.js';
import { OpenApiDocument } from './openapi-document.js';

@AdminApi('openapi.json')
export class OpenApiController {
  constructor(private readonly document: OpenApiDocument) {}

  @Get()
  @ApiOperation({ summary: 'This description' })
  @ApiOkResponse({ schema: { type: 'object' }, description: 'OpenAPI 3.1.' })
  get(): OpenAPIObject {
    return this.document.get();
  }
}
