import { Module, type INestApplication, type MiddlewareConsumer, type NestModule } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

import { AdminGuard } from './admin.guard.js';
import { ConnectionsController } from './connections.controller.js';
import { OpenApiController } from './openapi.controller.js';
import { OpenApiDocument } from './openapi-document.js';
import { RequestCount } from './request-count.js';
import { StatusController } from './status.controller.js';
import { StatusService } from './status.service.js';
import { UpstreamsController } from './upstreams.controller.js';

/** The admin API under `/api/v1`: one controller a resource. */
@Module({
  controllers: [StatusController, UpstreamsController, ConnectionsController, OpenApiController],
  providers: [AdminGuard, OpenApiDocument, RequestCount, StatusService],
})
export class AdminModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(neverStored).forRoutes('api/v1/{*path}');
  }
}

/** Makes `/api/v1/openapi.json` describe this application. To be called once, after it was created. */
export function describeAdminApi(app: INestApplication): void {
  app.get(OpenApiDocument, { strict: false }).describe(app, AdminModule);
}

function neverStored(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('cache-control', 'no-store');
  next();
}
