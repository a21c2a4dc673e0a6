import type { Events } from '../core/events.js';
import type { ServerRef } from '../core/exchange.js';
import { identityOf, type ServerSettings } from './server-settings.js';
import type { UpstreamServer } from './server/upstream-server.js';

interface Shared {
  readonly server: UpstreamServer;
  /** How many members of living groups are this server. */
  holders: number;
}

/** The servers of all generations: one of the same settings is one server, for as long as anybody holds it. */
export class ServerPool {
  private readonly shared = new Map<string, Shared>();
  /** Those that nobody holds any more and that still have something to finish. */
  private readonly retiring = new Map<UpstreamServer, Promise<void>>();
  /** How many servers there are of one name: while one follows another, two. */
  private readonly alive = new Map<string, number>();

  constructor(private readonly events: Events) {}

  /** The server of these settings; `make` makes it where there is none. */
  async hold(settings: ServerSettings, make: () => Promise<UpstreamServer>): Promise<UpstreamServer> {
    const identity = identityOf(settings);
    const shared = this.shared.get(identity) ?? this.add(identity, await make());
    shared.holders++;
    return shared.server;
  }

  /**
   * Lets go of servers. Those that nobody else holds finish what is in flight, for so many milliseconds at
   * most, and are closed. Settles when they are. Announces `server.retired` when the last of a name is gone.
   */
  async release(servers: readonly UpstreamServer[], drainMs: number): Promise<void> {
    await Promise.all(servers.filter((server) => this.letGo(server)).map((server) => this.retire(server, drainMs)));
  }

  /** Waits for those that are retiring already, which have no more than so many milliseconds left. */
  async hurry(drainMs: number): Promise<void> {
    for (const server of this.retiring.keys()) void server.retire(drainMs);
    await Promise.all(this.retiring.values());
  }

  private add(identity: string, server: UpstreamServer): Shared {
    const shared = { server, holders: 0 };
    this.shared.set(identity, shared);
    const name = nameOf(server.ref);
    this.alive.set(name, (this.alive.get(name) ?? 0) + 1);
    return shared;
  }

  /** True when nobody holds the server any more. */
  private letGo(server: UpstreamServer): boolean {
    for (const [identity, shared] of this.shared) {
      if (shared.server !== server) continue;
      if (--shared.holders > 0) return false;
      return this.shared.delete(identity);
    }
    return false;
  }

  private retire(server: UpstreamServer, drainMs: number): Promise<void> {
    const retired = server.retire(drainMs).finally(() => this.gone(server));
    this.retiring.set(server, retired);
    return retired;
  }

  private gone(server: UpstreamServer): void {
    this.retiring.delete(server);
    const name = nameOf(server.ref);
    const left = (this.alive.get(name) ?? 1) - 1;
    if (left > 0) return void this.alive.set(name, left);
    this.alive.delete(name);
    this.events.emit('server.retired', server.ref);
  }
}

function nameOf({ group, server }: ServerRef): string {
  return JSON.stringify([group, server]);
}
