import type { Params } from '../../core/message.js';
import type { ServerPeer } from '../../core/peer.js';
import type { ListKind } from '../list-kind.js';
import type { ServerListener } from './server-listener.js';

/** Everybody who hears what happens to one server, as one. */
export class ServerListeners implements ServerListener {
  private readonly listeners = new Set<ServerListener>();

  /** Returns how to leave. */
  add(listener: ServerListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  serverChanged(peer: ServerPeer | undefined): void {
    for (const listener of this.listeners) listener.serverChanged(peer);
  }

  serverIntroduced(server: string): void {
    for (const listener of this.listeners) listener.serverIntroduced(server);
  }

  serverLost(server: string): void {
    for (const listener of this.listeners) listener.serverLost(server);
  }

  listChanged(kind: ListKind): void {
    for (const listener of this.listeners) listener.listChanged(kind);
  }

  resourceUpdated(params: Params, server: string): void {
    for (const listener of this.listeners) listener.resourceUpdated(params, server);
  }
}
