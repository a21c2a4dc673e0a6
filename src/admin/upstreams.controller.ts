import { Get, Param } from '@nestjs/common';

import { GatewayError } from '../core/errors.js';
import { AdminApi } from './admin-api.decorator.js';
import { ApiError } from './api-error.view.js';
import { ApiExtraModels, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam, refs } from './description.js';
import { findUpstream } from './find-upstream.js';
import { GroupStatus, ServerStatus, UpstreamList } from './upstream.view.js';
import { UpstreamsService } from './upstreams.service.js';
import { Needs } from './needs.decorator.js';

@AdminApi('upstreams')
@ApiExtraModels(GroupStatus, ServerStatus)
export class UpstreamsController {
  constructor(private readonly upstreams: UpstreamsService) {}

  @Get()
  @Needs('viewer')
  @ApiOperation({ summary: 'Groups and their servers' })
  @ApiOkResponse({ type: UpstreamList, description: 'Every group with the state of its servers.' })
  async list(): Promise<UpstreamList> {
    return { groups: [...(await this.upstreams.groups())] };
  }

  /** @throws `upstream_unknown` */
  @Get(':id/status')
  @Needs('viewer')
  @ApiOperation({ summary: 'One server, or one group' })
  @ApiParam({
    name: 'id',
    description:
      'Id of a server, `group/server` (written `group%2Fserver`), or name of a group, looked for in this order. ' +
      'Where several groups have a server of that id, it is the one of the first group in the configuration.',
  })
  @ApiOkResponse({ schema: { oneOf: refs(ServerStatus, GroupStatus) }, description: 'The server, or the group.' })
  @ApiNotFoundResponse({ type: ApiError, description: 'No server or group has that name.' })
  async status(@Param('id') id: string): Promise<ServerStatus | GroupStatus> {
    const found = findUpstream(await this.upstreams.groups(), id);
    if (!found) throw new GatewayError('upstream_unknown', 'no server or group has that name');
    return found;
  }
}
