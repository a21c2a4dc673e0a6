import type { ServerSettings } from '../../server-settings.js';
import { HttpConnections } from './http-connections.js';

interface Held {
  readonly connections: HttpConnections;
  holders: number;
}

/** The connections of one transport: all wires with the same settings share theirs, for as long as there is one. */
export class ConnectionTable {
  private readonly table = new Map<string, Held>();

  /** Whoever holds connections releases them once. */
  hold(settings: ServerSettings): HttpConnections {
    const { group, id, url, connectTimeout, maxConnections, maxIdle, maxStreams, tlsOptions } = settings;
    const key = JSON.stringify([group, id, url, connectTimeout, maxConnections, maxIdle, maxStreams, tlsOptions]);
    const held = this.table.get(key) ?? this.add(key, settings);
    held.holders++;
    return held.connections;
  }

  private add(key: string, settings: ServerSettings): Held {
    const held: Held = {
      connections: new HttpConnections(settings, () => --held.holders === 0 && this.table.delete(key)),
      holders: 0,
    };
    this.table.set(key, held);
    return held;
  }
}
