import { Get, Req } from '@nestjs/common';
import type { Request as ExpressRequest } from 'express';

import { displayText } from '../core/display-text.js';
import { AdminApi } from './admin-api.decorator.js';
import { ADMIN_ROLES, type AdminRole } from './admin-role.js';
import { visitorOf } from './admin-visitor.js';
import { ApiOkResponse, ApiOperation, ApiProperty } from './description.js';
import { Needs } from './needs.decorator.js';

/** Who is asking. */
export class Whoami {
  @ApiProperty({
    description: 'Auth method that vouches; `anonymous` on loopback without credentials.',
    example: 'api_key',
  })
  readonly method!: string;

  @ApiProperty({ description: 'Name of the key or the user, or subject of the token.' })
  readonly subject!: string;

  @ApiProperty({ enum: ADMIN_ROLES, description: 'What they may do.' })
  readonly role!: AdminRole;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When the credential ends; null for never.',
  })
  readonly expires_at!: string | null;
}

@AdminApi('whoami')
export class WhoamiController {
  @Get()
  @Needs('viewer')
  @ApiOperation({ summary: 'Who you are' })
  @ApiOkResponse({ type: Whoami, description: 'You.' })
  get(@Req() request: ExpressRequest): Whoami {
    const { principal, role } = visitorOf(request);
    const { method, subject, expiresAt } = principal;
    const ends = expiresAt === undefined ? null : new Date(expiresAt).toISOString();
    return { method, subject: displayText(subject), role, expires_at: ends };
  }
}
