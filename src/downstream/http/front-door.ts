import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

import { ConfigService } from '../../config/index.js';
import { connectionLimit } from '../connection-limit.js';
import { Cors } from '../cors/cors.js';
import { SecurityHeaders } from '../headers/security-headers.js';
import { ServerSection } from '../server.section.js';
import { SseService } from '../sse/sse.service.js';
import { FrontAdapter } from './front.adapter.js';
import { StreamableHttpService } from './streamable-http.service.js';

/** Shows the HTTP server, which is older than all providers, the way to the MCP endpoints. */
@Injectable()
export class FrontDoor implements OnModuleInit {
  private readonly logger = new Logger('Downstream');

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly service: StreamableHttpService,
    private readonly sse: SseService,
    private readonly cors: Cors,
    private readonly headers: SecurityHeaders,
    private readonly config: ConfigService,
  ) {}

  onModuleInit(): void {
    const adapter: unknown = this.host.httpAdapter;
    if (!(adapter instanceof FrontAdapter)) throw new TypeError('the application needs a FrontAdapter');
    const section = this.config.get(ServerSection);
    const limit = connectionLimit(section);
    if (limit < section.maxConnections) {
      this.logger.warn(
        `max_connections is ${section.maxConnections} and this process may not open files enough: it takes ${limit}`,
      );
    }
    adapter.open(
      {
        mcp: (request, response) => this.service.handle(request, response),
        sse: (request, response) => this.sse.handle(request, response),
        cors: this.cors,
        headers: this.headers,
      },
      section,
    );
  }
}
