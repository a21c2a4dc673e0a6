import { type buildConnector, Client, type Dispatcher, Pool } from 'undici';

import type { ServerSettings } from '../../server-settings.js';
import { StreamSlots } from './stream-slots.js';

type Settings = Pick<ServerSettings, 'url' | 'connectTimeout' | 'maxConnections' | 'maxStreams' | 'tlsOptions'>;
/** What is asked, and where on the server. */
export type HttpRequest = Pick<Dispatcher.DispatchOptions, 'method' | 'headers' | 'body'> & { readonly path?: string };

// Deadlines belong to whoever sends; a stream may be silent for as long as its request may take.
const OPTIONS = { headersTimeout: 0, bodyTimeout: 0, pipelining: 1, allowH2: false } as const;

/** How many connections there are for what must not wait for any of the others. */
const SPARE_CONNECTIONS = 4;

/** The connections to one HTTP server, for all wires to it: a pool for requests, one connection for each stream. */
export class HttpConnections {
  /** Streams that a server speaks on by itself. */
  readonly slots: StreamSlots;
  readonly url: URL;
  private readonly path: string;
  private readonly pool: Pool;
  /** Whether all its connections are held, as far as is known. */
  private isFull = false;
  /** Made when it is needed first: mostly there is a connection to be had. */
  private spare: Pool | undefined;
  private patient: Pool | undefined;
  /** How many may wait for people at a time. */
  private readonly connections: number;
  private readonly connect: buildConnector.BuildOptions;

  /** @param letGo takes one holder off, and says whether it was the last */
  constructor(
    settings: Settings,
    private readonly letGo: () => boolean,
  ) {
    this.url = new URL(settings.url ?? '');
    this.path = this.url.pathname + this.url.search;
    // Whatever the environment says: who does not show a good certificate is not spoken to.
    this.connect = { timeout: settings.connectTimeout, ...settings.tlsOptions, rejectUnauthorized: true };
    this.pool = new Pool(this.url.origin, {
      ...OPTIONS,
      connect: this.connect,
      connections: settings.maxConnections,
    });
    this.pool.on('drain', () => (this.isFull = false));
    this.slots = new StreamSlots(settings.maxStreams);
    this.connections = settings.maxStreams;
  }

  /** Sends a request to the URL of the server, or to another path there, as soon as a connection is free. */
  dispatch(request: HttpRequest, handler: Dispatcher.DispatchHandler): void {
    this.isFull = !this.pool.dispatch({ path: this.path, ...request }, handler);
  }

  /**
   * As `dispatch`, for what requests that hold connections wait for, such as answers to what their server asks: where
   * all connections are held, on others.
   */
  dispatchBeside(request: HttpRequest, handler: Dispatcher.DispatchHandler): void {
    if (!this.isFull) return this.dispatch(request, handler);
    this.spare ??= new Pool(this.url.origin, { ...OPTIONS, connect: this.connect, connections: SPARE_CONNECTIONS });
    this.spare.dispatch({ path: this.path, ...request }, handler);
  }

  /**
   * As `dispatch`, for requests that may wait for people: on connections of their own, as many as there may be
   * streams, so that no other request has to wait for them.
   */
  dispatchPatiently(request: HttpRequest, handler: Dispatcher.DispatchHandler): void {
    const { connect, connections } = this;
    this.patient ??= new Pool(this.url.origin, { ...OPTIONS, connect, connections });
    this.patient.dispatch({ path: this.path, ...request }, handler);
  }

  /**
   * As `dispatch`, on a connection that is closed with the exchange: for what may stay open for ever, and must not wait
   * for what stays open already.
   */
  dispatchApart(request: HttpRequest, handler: Dispatcher.DispatchHandler): void {
    const client = new Client(this.url.origin, { ...OPTIONS, connect: this.connect });
    client.dispatch({ path: this.path, ...request }, handler);
    void client.close();
  }

  /** Asks for a stream, on a connection of its own. Returns how to break it off, connection and all. */
  stream(headers: Readonly<Record<string, string>>, handler: Dispatcher.DispatchHandler): () => Promise<void> {
    const client = new Client(this.url.origin, { ...OPTIONS, connect: this.connect });
    client.dispatch({ method: 'GET', path: this.path, headers }, handler);
    return () => client.destroy();
  }

  /** To be called once by everybody who held them. The last one closes them. */
  async release(): Promise<void> {
    if (this.letGo()) await Promise.all([this.pool.destroy(), this.spare?.destroy(), this.patient?.destroy()]);
  }
}
