import { once } from 'node:events';

import { type DynamicModule, Inject, Injectable, type OnApplicationShutdown, Optional } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import type { NextFunction, Request, Response } from 'express';
import { register } from 'prom-client';

import { ConfigService } from '../config/index.js';
import { GatewayError } from '../core/errors.js';
import { Events } from '../core/events.js';
import type { MetricsPlace } from '../core/joint-metrics.js';
import { LISTENER_TLS, type ListenerTls } from '../core/listener-tls.js';
import { isLoopbackAddress, isLoopbackHost } from '../core/loopback.js';
import { WORKER_BUS, type WorkerBus } from '../core/worker-bus.js';
import { METRICS_SERVER_FACTORY, MetricsAdapter, type MetricsServerFactory } from './metrics.adapter.js';
import { MetricsSection } from './metrics.section.js';
import { ToldMetrics } from './told-metrics.js';

const MAX_CONNECTIONS = 256;

class MetricsApp {}

interface BoundAddress {
  readonly address: string;
  readonly family: string;
  readonly port: number;
}

/** Serves the metrics of this process on a port of their own: a Nest application beside the main one. Those of a worker are the primary's to serve. */
@Injectable()
export class MetricsServer implements OnApplicationShutdown {
  private app: NestExpressApplication | undefined;
  /** Where several workers serve, the primary shows the metrics of all of them. */
  private readonly told: ToldMetrics | undefined;
  private toldUrl: string | undefined;

  constructor(
    private readonly config: ConfigService,
    @Inject(METRICS_SERVER_FACTORY) private readonly factory: MetricsServerFactory,
    @Optional() @Inject(LISTENER_TLS) private readonly tls?: ListenerTls,
    @Optional() @Inject(WORKER_BUS) bus?: WorkerBus,
    events?: Events,
  ) {
    this.told = bus && bus.size > 1 ? new ToldMetrics(bus) : undefined;
    events?.on('certificate.read', ({ outcome }) => {
      if (outcome === 'replaced' && this.toldUrl !== undefined) void this.told?.serve(this.place());
    });
    config.addCheck((next) => {
      const message = 'needs a certificate: cert_file and key_file in [server.tls]';
      return next.get(MetricsSection).tls && !tls ? [{ key: 'metrics.tls', message }] : [];
    });
  }

  /** Where the metrics are; undefined while they are not served. */
  get url(): string | undefined {
    if (!this.app) return this.toldUrl;
    const { address, family, port } = this.app.getHttpServer().address() as BoundAddress;
    const host = family === 'IPv6' ? `[${address}]` : address;
    const scheme = this.config.get(MetricsSection).tls && this.tls ? 'https' : 'http';
    return `${scheme}://${host}:${port}${this.config.get(MetricsSection).path}`;
  }

  /**
   * Listens, unless `[metrics] enabled` is false.
   *
   * @throws `config_invalid` when the address cannot be listened on
   */
  async start(): Promise<void> {
    const { enabled, host, port, path, tls } = this.config.get(MetricsSection);
    if (!enabled) return;
    if (this.told) return this.tell(this.told, port);
    const adapter = new MetricsAdapter((listener) => this.factory(listener, tls));
    const options = { abortOnError: false, bodyParser: false };
    const app = await NestFactory.create<NestExpressApplication>(moduleAt(path), adapter, options);
    app.disable('x-powered-by');
    if (isLoopbackHost(host) || isLoopbackAddress(host)) app.use(refuseForeignHosts);
    await app.init();
    const server = app.getHttpServer();
    server.maxConnections = MAX_CONNECTIONS;
    try {
      await once(server.listen(port, host), 'listening');
    } catch (cause) {
      await app.close();
      throw new GatewayError('config_invalid', whyNot(cause, port), {}, { cause });
    }
    this.app = app;
  }

  private async tell(told: ToldMetrics, port: number): Promise<void> {
    try {
      this.toldUrl = await told.serve(this.place());
    } catch (cause) {
      throw new GatewayError('config_invalid', whyNot(cause, port), {}, { cause });
    }
  }

  private place(): MetricsPlace {
    const { host, port, path, tls } = this.config.get(MetricsSection);
    const ownHostsOnly = isLoopbackHost(host) || isLoopbackAddress(host);
    return { host, port, path, ownHostsOnly, tls: tls ? this.tls?.options : undefined };
  }

  /** Does nothing when it does not run. */
  async stop(): Promise<void> {
    const app = this.app;
    this.app = undefined;
    if (!app) return;
    const server = app.getHttpServer();
    server.close();
    // Whoever keeps a connection open without asking for anything would keep the process.
    server.closeAllConnections();
    await app.close();
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.toldUrl !== undefined) await this.told?.leave();
    await this.stop();
  }
}

function moduleAt(path: string): DynamicModule {
  // prom-client's registry belongs to the process, which may host another gateway already.
  const enabled = !register.getSingleMetric('process_cpu_user_seconds_total');
  return { module: MetricsApp, imports: [PrometheusModule.register({ path, defaultMetrics: { enabled } })] };
}

/** As long as only this machine can reach us, nobody else's name is ours: a rebound one belongs to a web page. */
function refuseForeignHosts(request: Request, response: Response, next: NextFunction): void {
  if (isLoopbackHost(request.headers.host ?? '')) next();
  else response.sendStatus(403);
}

function whyNot(cause: unknown, port: number): string {
  switch ((cause as { code?: unknown }).code) {
    case 'EADDRINUSE':
      return `[metrics] port ${port} is in use`;
    case 'EACCES':
      return `[metrics] port ${port} may not be used by this user`;
    default:
      return '[metrics] host is not an address of this machine';
  }
}
