import { Module, type INestApplication, type MiddlewareConsumer, type NestModule } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';

import { AuthModule } from '../auth/index.js';
import { ConfigService } from '../config/index.js';
import { ActReport } from './act-report.js';
import { AdminCredentials } from './admin-credentials.js';
import { AdminDoor } from './admin-door.js';
import { checkAdmin } from './admin.check.js';
import { AdminGuard } from './admin.guard.js';
import { AdminListener } from './admin.listener.js';
import { AllWorkers } from './all-workers.js';
import { ConfigController } from './config.controller.js';
import { ConnectionsController } from './connections.controller.js';
import { ConnectionsService } from './connections.service.js';
import { JointStatus } from './joint-status.js';
import { OpenApiController } from './openapi.controller.js';
import { OpenApiDocument } from './openapi-document.js';
import { RateLimitGuard } from './rate-limit.guard.js';
import { adminRateLimits } from './rate-limits.js';
import { RequestCount } from './request-count.js';
import { StatusController } from './status.controller.js';
import { StatusService } from './status.service.js';
import { UnknownController } from './unknown.controller.js';
import { UpstreamsController } from './upstreams.controller.js';
import { UpstreamsService } from './upstreams.service.js';
import { WhoamiController } from './whoami.controller.js';
import { WorkersController } from './workers.controller.js';

/** The admin API under `/api/v1`: one controller a resource. */
@Module({
  imports: [AuthModule, adminRateLimits()],
  controllers: [
    StatusController,
    UpstreamsController,
    ConnectionsController,
    ConfigController,
    WhoamiController,
    WorkersController,
    OpenApiController,
    // Takes what is left.
    UnknownController,
  ],
  providers: [
    ActReport,
    AdminCredentials,
    AdminDoor,
    AdminGuard,
    AdminListener,
    AllWorkers,
    ConnectionsService,
    JointStatus,
    OpenApiDocument,
    RateLimitGuard,
    RequestCount,
    StatusService,
    UpstreamsService,
  ],
})
export class AdminModule implements NestModule {
  constructor(config: ConfigService) {
    config.addCheck(checkAdmin);
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(neverStored).forRoutes('api{/*path}');
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
