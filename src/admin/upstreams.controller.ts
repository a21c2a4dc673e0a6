import { Get, Inject, Param } from '@nestjs/common';
import { ApiExtraModels, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam, refs } from '@nestjs/swagger';

import { CLOCK, type Clock } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';
import { TOPOLOGY_VIEW, type TopologyView } from '../core/views.js';
import { AdminApi } from './admin-api.decorator.js';
import { ApiError } from './api-error.view.js';
import { findUpstream } from './find-upstream.js';
import { GroupStatus, ServerStatus, toGroupStatus, toServerStatus, UpstreamList } from './upstream.view.js';
import { Needs } from './needs.decorator.js';

@AdminApi('upstreams')
@ApiExtraModels(GroupStatus, ServerStatus)
export class UpstreamsController {
  constructor(
    @Inject(TOPOLOGY_VIEW) private readonly topology: TopologyView,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Needs('viewer')
  @ApiOperation({ summary: 'Groups and their servers' })
  @ApiOkResponse({ type: UpstreamList, description: 'Every group with the state of its servers.' })
  list(): UpstreamList {
    return { groups: this.topology.groups().map((group) => toGroupStatus(group, this.clock.now())) };
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
  status(@Param('id') id: string): ServerStatus | GroupStatus {
    const found = findUpstream(this.topology.groups(), id);
    if (!found) throw new GatewayError('upstream_unknown', 'no server or group has that name');
    const now = this.clock.now();
    return found.kind === 'server' ? toServerStatus(found.server, now) : toGroupStatus(found.group, now);
  }
}
