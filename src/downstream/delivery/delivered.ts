import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit, Optional } from '@nestjs/common';

import { WORKER_BUS, type WorkerBus } from '../../core/worker-bus.js';
import { StreamableHttpService } from '../http/streamable-http.service.js';
import { isMcpPath, pathOf } from '../request-headers.js';
import { SseService } from '../sse/sse.service.js';
import type { Delivery } from './delivery.js';
import { DELIVERY } from './delivery.token.js';
import { LineListener } from './line.listener.js';
import { LinePaths } from './line-paths.js';
import { Waybills } from './waybill.js';

/** Takes what other workers bring here, and serves it as if it had arrived here. Does nothing in a process that serves alone. */
@Injectable()
export class Delivered implements OnModuleInit, OnApplicationShutdown {
  private readonly listener: LineListener | undefined;

  constructor(
    private readonly http: StreamableHttpService,
    private readonly sse: SseService,
    @Optional() @Inject(DELIVERY) private readonly delivery: Delivery | null,
    @Optional() @Inject(WORKER_BUS) bus?: WorkerBus,
  ) {
    if (!delivery || !bus) return;
    this.listener = new LineListener(bus.self.id, new LinePaths(bus), new Waybills(bus), (request, response, shown) => {
      const service = isMcpPath(pathOf(request.url)) ? this.http : this.sse;
      service.handle(request, response, shown);
    });
  }

  async onModuleInit(): Promise<void> {
    await this.listener?.listen();
  }

  /** Clients are gone by now. */
  onApplicationShutdown(): void {
    this.listener?.close();
    this.delivery?.close();
  }
}
