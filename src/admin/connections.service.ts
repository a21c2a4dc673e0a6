import { Inject, Injectable } from '@nestjs/common';

import { CONNECTION_REGISTRY, type ConnectionRegistry } from '../core/views.js';
import { topic } from '../core/worker-bus.js';
import { AllWorkers } from './all-workers.js';
import { type ConnectionStatus, toConnectionStatus } from './connection.view.js';

const CONNECTIONS_VIEWED = topic<undefined, readonly ConnectionStatus[]>('connections.viewed');
const CONNECTION_CLOSED = topic<string, boolean>('connection.closed');

/** The connections of all workers. */
@Injectable()
export class ConnectionsService {
  constructor(
    @Inject(CONNECTION_REGISTRY) private readonly registry: ConnectionRegistry,
    private readonly workers: AllWorkers,
  ) {
    workers.tell(CONNECTIONS_VIEWED, this.own);
    workers.tell(CONNECTION_CLOSED, this.closeOwn);
  }

  async list(): Promise<ConnectionStatus[]> {
    const told = await this.workers.gather(CONNECTIONS_VIEWED, undefined, this.own);
    return told.flatMap(({ worker, answer }) =>
      worker === undefined ? answer : answer.map((connection) => Object.assign({}, connection, { worker })),
    );
  }

  /** Ends one, wherever it is; false when there is none of that id. */
  async close(id: string): Promise<boolean> {
    const told = await this.workers.gather(CONNECTION_CLOSED, id, this.closeOwn);
    return told.some(({ answer }) => answer);
  }

  private readonly own = (): readonly ConnectionStatus[] => this.registry.list().map(toConnectionStatus);

  private readonly closeOwn = (id: string): boolean => this.registry.close(id);
}
