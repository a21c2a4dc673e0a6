import type { ServerSettings } from '../../server-settings.js';
import { Dialer } from './client/dialer.js';
import { HttpPool } from './client/http-pool.js';
import type { HttpRequest as FullRequest } from './client/request-head.js';
import type { ResponseListener } from './client/response-listener.js';
import { StreamSlots } from './stream-slots.js';

type Settings = Pick<
  ServerSettings,
  'url' | 'connectTimeout' | 'maxConnections' | 'maxIdle' | 'maxStreams' | 'tlsOptions'
>;

/** What is asked, and where on the server: at its URL, where nothing else is said. */
export type HttpRequest = Omit<FullRequest, 'path'> & { readonly path?: string };

/** How many connections there are for what must not wait for any of the others. */
const SPARE_CONNECTIONS = 4;

/** The connections to one HTTP server, for all wires to it: a pool for requests, one connection for each stream. */
export class HttpConnections {
  /** Streams that a server speaks on by itself. */
  readonly slots: StreamSlots;
  readonly url: URL;
  private readonly path: string;
  private readonly dialer: Dialer;
  private readonly pool: HttpPool;
  /** Made when it is needed first: mostly there is a connection to be had. */
  private spare: HttpPool | undefined;
  private patient: HttpPool | undefined;
  /** How many may wait for people at a time. */
  private readonly connections: number;
  private readonly maxIdle: number;

  /** @param letGo takes one holder off, and says whether it was the last */
  constructor(
    { url, connectTimeout, tlsOptions, maxConnections, maxIdle, maxStreams }: Settings,
    private readonly letGo: () => boolean,
  ) {
    this.url = new URL(url ?? '');
    this.path = this.url.pathname + this.url.search;
    this.dialer = new Dialer({ url: this.url, connectTimeout, tlsOptions });
    this.maxIdle = maxIdle;
    this.pool = this.poolOf(maxConnections);
    this.slots = new StreamSlots(maxStreams);
    this.connections = maxStreams;
  }

  /** Sends a request to the URL of the server, or to another path there, as soon as a connection is free. */
  dispatch(request: HttpRequest, listener: ResponseListener): void {
    this.pool.dispatch(this.placed(request), listener);
  }

  /**
   * As `dispatch`, for what requests that hold connections wait for, such as answers to what their server asks: where
   * all connections are held, on others.
   */
  dispatchBeside(request: HttpRequest, listener: ResponseListener): void {
    if (!this.pool.isFull) return this.dispatch(request, listener);
    this.spare ??= this.poolOf(SPARE_CONNECTIONS);
    this.spare.dispatch(this.placed(request), listener);
  }

  /**
   * As `dispatch`, for requests that may wait for people: on connections of their own, as many as there may be
   * streams, so that no other request has to wait for them.
   */
  dispatchPatiently(request: HttpRequest, listener: ResponseListener): void {
    this.patient ??= this.poolOf(this.connections);
    this.patient.dispatch(this.placed(request), listener);
  }

  /**
   * As `dispatch`, on a connection that is closed with the exchange: for what may stay open for ever, and must not wait
   * for what stays open already.
   */
  dispatchApart(request: HttpRequest, listener: ResponseListener): void {
    const own = this.poolOf(1);
    own.dispatch(this.placed(request), listener);
    own.retire();
  }

  /** Asks for a stream, on a connection of its own. Returns how to break it off, connection and all. */
  stream(headers: Readonly<Record<string, string>>, listener: ResponseListener): () => void {
    const own = this.poolOf(1);
    own.dispatch({ method: 'GET', path: this.path, headers }, listener);
    return () => own.destroy();
  }

  /** To be called once by everybody who held them. The last one closes them. */
  release(): void {
    if (!this.letGo()) return;
    this.pool.destroy();
    this.spare?.destroy();
    this.patient?.destroy();
  }

  private poolOf(max: number): HttpPool {
    return new HttpPool(this.dialer, this.url.host, { max, maxIdle: this.maxIdle });
  }

  private placed(request: HttpRequest): FullRequest {
    const { method, path = this.path, headers, body } = request;
    return body ? { method, path, headers, body } : { method, path, headers };
  }
}
