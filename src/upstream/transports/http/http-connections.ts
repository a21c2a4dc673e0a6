import { Client, type Dispatcher, Pool } from 'undici';

import type { ServerSettings } from '../../server-settings.js';
import { StreamSlots } from './stream-slots.js';

type Settings = Pick<ServerSettings, 'url' | 'connectTimeout' | 'maxConnections' | 'maxStreams'>;
type Request = Pick<Dispatcher.DispatchOptions, 'method' | 'headers' | 'body'> & { readonly path?: string };

// Deadlines belong to whoever sends; a stream may be silent for as long as its request may take.
const OPTIONS = { headersTimeout: 0, bodyTimeout: 0, pipelining: 1, allowH2: false } as const;

/** The connections to one HTTP server, for all wires to it: a pool for requests, one connection for each stream. */
export class HttpConnections {
  /** Streams that a server speaks on by itself. */
  readonly slots: StreamSlots;
  readonly url: URL;
  private readonly path: string;
  private readonly pool: Pool;
  private readonly connect: { readonly timeout: number };

  /** @param letGo takes one holder off, and says whether it was the last */
  constructor(
    settings: Settings,
    private readonly letGo: () => boolean,
  ) {
    this.url = new URL(settings.url ?? '');
    this.path = this.url.pathname + this.url.search;
    this.connect = { timeout: settings.connectTimeout };
    this.pool = new Pool(this.url.origin, {
      ...OPTIONS,
      connect: this.connect,
      connections: settings.maxConnections,
    });
    this.slots = new StreamSlots(settings.maxStreams);
  }

  /** Sends a request to the URL of the server, or to another path there, as soon as a connection is free. */
  dispatch(request: Request, handler: Dispatcher.DispatchHandler): void {
    this.pool.dispatch({ path: this.path, ...request }, handler);
  }

  /** Asks for a stream, on a connection of its own. Returns how to break it off, connection and all. */
  stream(headers: Readonly<Record<string, string>>, handler: Dispatcher.DispatchHandler): () => Promise<void> {
    const client = new Client(this.url.origin, { ...OPTIONS, connect: this.connect });
    client.dispatch({ method: 'GET', path: this.path, headers }, handler);
    return () => client.destroy();
  }

  /** To be called once by everybody who held them. The last one closes them. */
  async release(): Promise<void> {
    if (this.letGo()) await this.pool.destroy();
  }
}
