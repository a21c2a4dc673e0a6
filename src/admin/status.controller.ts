import { Get } from '@nestjs/common';

import { AdminApi } from './admin-api.decorator.js';
import { ApiOkResponse, ApiOperation } from './description.js';
import { JointStatus } from './joint-status.js';
import { GatewayStatus } from './status.view.js';
import { Needs } from './needs.decorator.js';

@AdminApi('status')
export class StatusController {
  constructor(private readonly status: JointStatus) {}

  @Get()
  @Needs('viewer')
  @ApiOperation({ summary: 'Status and statistics of the gateway' })
  @ApiOkResponse({ type: GatewayStatus, description: 'How the gateway is.' })
  get(): Promise<GatewayStatus> {
    return this.status.get();
  }
}
