import type { Worker } from 'node:cluster';

interface Closable {
  close(): void;
}

/**
 * Connections that were handed to a worker and that it has not taken yet. Node keeps its own end of them until the worker
 * says that it has: of one that ended instead, they would stay open for ever, and a client would wait on each.
 */
export class HandedOver {
  private readonly connections = new Map<string, Closable>();

  constructor({ process }: Worker) {
    const send = process.send.bind(process) as (...args: unknown[]) => boolean;
    const noting = (message: unknown, connection?: Closable, ...rest: unknown[]): boolean => {
      const { act, key } = message as { act?: unknown; key?: unknown };
      // One at a time for each listener: the next goes only to who has taken the last.
      if (act === 'newconn' && connection) this.connections.set(String(key), connection);
      return send(message, connection, ...rest);
    };
    process.send = noting as typeof process.send;
  }

  /** The worker has ended. Of what it had taken, the end that is closed here is closed already. */
  close(): void {
    for (const connection of this.connections.values()) connection.close();
    this.connections.clear();
  }
}
