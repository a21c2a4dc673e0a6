import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

import { ConfigService } from '../../config/index.js';
import { Cors } from '../cors/cors.js';
import { SecurityHeaders } from '../headers/security-headers.js';
import { ServerSection } from '../server.section.js';
import { SseService } from '../sse/sse.service.js';
import { FrontAdapter } from './front.adapter.js';
import { StreamableHttpService } from './streamable-http.service.js';

/** Shows the HTTP server, which is older than all providers, the way to the MCP endpoints. */
@Injectable()
export class FrontDoor implements OnModuleInit {
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
    adapter.open(
      {
        mcp: (request, response) => this.service.handle(request, response),
        sse: (request, response) => this.sse.handle(request, response),
        cors: this.cors,
        headers: this.headers,
      },
      this.config.get(ServerSection),
    );
  }
}
