import { Delete, Get, HttpCode, HttpStatus, Param } from '@nestjs/common';

import { GatewayError } from '../core/errors.js';
import { AdminApi } from './admin-api.decorator.js';
import { ApiError } from './api-error.view.js';
import { ConnectionList } from './connection.view.js';
import { ConnectionsService } from './connections.service.js';
import { ApiNoContentResponse, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam } from './description.js';
import { Needs } from './needs.decorator.js';

@AdminApi('connections')
export class ConnectionsController {
  constructor(private readonly connections: ConnectionsService) {}

  @Get()
  @Needs('viewer')
  @ApiOperation({ summary: 'Connections that are open' })
  @ApiOkResponse({ type: ConnectionList, description: 'Who is connected.' })
  async list(): Promise<ConnectionList> {
    return { connections: await this.connections.list() };
  }

  /** @throws `connection_unknown` */
  @Delete(':id')
  @Needs('operator')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: 'Close a connection' })
  @ApiParam({ name: 'id', description: 'Id of the connection.' })
  @ApiNoContentResponse({ description: 'It is closed.' })
  @ApiNotFoundResponse({ type: ApiError, description: 'No connection has that id.' })
  async close(@Param('id') id: string): Promise<void> {
    if (!(await this.connections.close(id))) throw new GatewayError('connection_unknown', 'no connection has that id');
  }
}
