import { Get, HttpCode, HttpStatus, Post, Res } from '@nestjs/common';
import type { Response as ExpressResponse } from 'express';

import { ConfigService, redactedConfig } from '../config/index.js';
import { AdminApi } from './admin-api.decorator.js';
import { ApiError } from './api-error.view.js';
import {
  ApiOkResponse,
  ApiOperation,
  ApiServiceUnavailableResponse,
  ApiUnprocessableEntityResponse,
} from './description.js';
import { Needs } from './needs.decorator.js';
import { ReloadResult, toReloadResult } from './reload.view.js';

@AdminApi('config')
export class ConfigController {
  constructor(private readonly config: ConfigService) {}

  @Get()
  @Needs('viewer')
  @ApiOperation({ summary: 'The configuration in force' })
  @ApiOkResponse({
    schema: { type: 'object' },
    description: 'Every section in the spelling of the file, defaults and all, with `***` for whatever is secret.',
  })
  get(): Record<string, unknown> {
    return redactedConfig(this.config.snapshot);
  }

  @Post('reload')
  @Needs('admin')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Read the configuration again, and apply it if it is good' })
  @ApiOkResponse({ type: ReloadResult, description: 'It is in force, or was already.' })
  @ApiUnprocessableEntityResponse({ type: ReloadResult, description: 'It was rejected; the old one stays.' })
  @ApiServiceUnavailableResponse({ type: ApiError, description: 'The audit log cannot be written.' })
  async reload(@Res({ passthrough: true }) response: ExpressResponse): Promise<ReloadResult> {
    const outcome = await this.config.reload();
    if (outcome.kind === 'rejected') response.status(HttpStatus.UNPROCESSABLE_ENTITY);
    return toReloadResult(outcome, this.config.snapshot);
  }
}
