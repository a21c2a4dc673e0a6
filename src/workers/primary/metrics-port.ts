import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

import { METRICS_SERVED, type MetricsPlace, type MetricsServed } from '../../core/joint-metrics.js';
import { isLoopbackHost } from '../../core/loopback.js';
import type { WorkerBus } from '../../core/worker-bus.js';
import type { JointMetrics } from './joint-metrics.js';
import { METRICS_MEDIA_TYPE, metricsText } from './metrics-text.js';

const MAX_CONNECTIONS = 256;
const BOUNDS = { maxHeaderSize: 16 * 1_024, headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000 };

/** The port that the joined metrics are served on, once a worker has said where that is. */
export class MetricsPort {
  private server: Server | undefined;
  private opening: Promise<MetricsServed> | undefined;

  constructor(
    bus: WorkerBus,
    private readonly metrics: JointMetrics,
  ) {
    bus.on(METRICS_SERVED, (place) => this.serve(place));
  }

  close(): void {
    this.server?.close();
    this.server?.closeAllConnections();
  }

  private async serve(place: MetricsPlace): Promise<MetricsServed> {
    const { server } = this;
    if (server && place.tls && 'setSecureContext' in server) showCertificate(server as TlsServer, place.tls);
    const served = await (this.opening ??= this.open(place));
    if ('refused' in served) this.opening = undefined;
    return served;
  }

  private async open(place: MetricsPlace): Promise<MetricsServed> {
    const { host, port, path, tls } = place;
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      void this.answer(place, request, response);
    };
    const server = tls
      ? createTlsServer({ ...BOUNDS, ...(tls as ServerOptions) }, listener)
      : createServer(BOUNDS, listener);
    server.maxConnections = MAX_CONNECTIONS;
    try {
      await once(server.listen(port, host), 'listening');
    } catch (thrown) {
      return { refused: (thrown as NodeJS.ErrnoException).code ?? 'unknown' };
    }
    this.server = server;
    const bound = server.address() as AddressInfo;
    const address = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
    return { url: `${tls ? 'https' : 'http'}://${address}:${bound.port}${path}` };
  }

  private async answer(place: MetricsPlace, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const status = statusOf(place, request);
    if (status !== 200) return void response.writeHead(status).end();
    const text = metricsText(await this.metrics.report());
    const headers = { 'content-type': METRICS_MEDIA_TYPE, 'content-length': Buffer.byteLength(text) };
    response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : text);
  }
}

function statusOf({ path, ownHostsOnly }: MetricsPlace, { url = '', method, headers }: IncomingMessage): number {
  if (ownHostsOnly && !isLoopbackHost(headers.host ?? '')) return 403;
  return url.split('?')[0] === path && (method === 'GET' || method === 'HEAD') ? 200 : 404;
}

function showCertificate(server: TlsServer, options: ServerOptions): void {
  server.setSecureContext(options);
  // Read by the server for each connection, and not among what `setSecureContext` takes.
  const { requestCert, rejectUnauthorized } = options;
  Object.assign(server, { requestCert, rejectUnauthorized });
}
