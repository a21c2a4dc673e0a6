import type { RequestListener, Server } from 'node:http';

import { ExpressAdapter } from '@nestjs/platform-express';

/** Makes the server that metrics are served by. */
export type MetricsServerFactory = (listener: RequestListener, tls: boolean) => Server;

/** Bound by the top level, to a server with the bounds that the main one has. */
export const METRICS_SERVER_FACTORY = Symbol('MetricsServerFactory');

/** Nest's Express adapter before a server that is given to it. */
export class MetricsAdapter extends ExpressAdapter {
  constructor(private readonly serverOf: (listener: RequestListener) => Server) {
    super();
  }

  override initHttpServer(): void {
    this.httpServer = this.serverOf(this.getInstance<RequestListener>());
  }
}
