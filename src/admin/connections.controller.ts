import { Delete, Get, HttpCode, HttpStatus, Inject, Param } from '@nestjs/common';
import { ApiNoContentResponse, ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';

import { GatewayError } from '../core/errors.js';
import { CONNECTION_REGISTRY, type ConnectionRegistry } from '../core/views.js';
import { AdminApi } from './admin-api.decorator.js';
import { ApiError } from './api-error.view.js';
import { ConnectionList, toConnectionStatus } from './connection.view.js';
import { Needs } from './needs.decorator.js';

@AdminApi('connections')
export class ConnectionsController {
  constructor(@Inject(CONNECTION_REGISTRY) private readonly connections: ConnectionRegistry) {}

  @Get()
  @Needs('viewer')
  @ApiOperation({ summary: 'Connections that are open' })
  @ApiOkResponse({ type: ConnectionList, description: 'Who is connected.' })
  list(): ConnectionList {
    return { connections: this.connections.list().map(toConnectionStatus) };
  }

  /** @throws `connection_unknown` */
  @Delete(':id')
  @Needs('operator')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiOperation({ summary: 'Close a connection' })
  @ApiParam({ name: 'id', description: 'Id of the connection.' })
  @ApiNoContentResponse({ description: 'It is closed.' })
  @ApiNotFoundResponse({ type: ApiError, description: 'No connection has that id.' })
  close(@Param('id') id: string): void {
    if (!this.connections.close(id)) throw new GatewayError('connection_unknown', 'no connection has that id');
  }
}
