import { Controller, Module } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';

import { AUTH_METRICS } from './auth.metrics.js';
import { AUDIT_METRICS } from './audit.metrics.js';
import { ACCESS_METRICS } from './access.metrics.js';
import { CONFIG_METRICS } from './config.metrics.js';
import { MetricsServer } from './metrics.server.js';
import { LIMIT_METRICS } from './limit.metrics.js';
import { LISTEN_METRICS } from './listen.metrics.js';
import { PARKING_METRICS } from './parking.metrics.js';
import { PROTOCOL_METRICS } from './protocol.metrics.js';
import { REVISION_METRICS } from './revision.metrics.js';
import { TLS_METRICS } from './tls.metrics.js';
import { TOOL_METRICS } from './tool.metrics.js';
import { TRAFFIC_METRICS } from './traffic.metrics.js';
import { UPSTREAM_METRICS } from './upstream.metrics.js';

/** Keeps metrics off the main port: they are served by `MetricsServer`. */
@Controller()
class NoMetricsController {}

/** The gateway's metrics, and the server that shows them. */
@Module({
  imports: [PrometheusModule.register({ controller: NoMetricsController, defaultMetrics: { enabled: false } })],
  providers: [
    ...TRAFFIC_METRICS,
    ...PROTOCOL_METRICS,
    ...REVISION_METRICS,
    ...UPSTREAM_METRICS,
    ...PARKING_METRICS,
    ...LISTEN_METRICS,
    ...LIMIT_METRICS,
    ...ACCESS_METRICS,
    ...CONFIG_METRICS,
    ...TLS_METRICS,
    ...AUTH_METRICS,
    ...TOOL_METRICS,
    ...AUDIT_METRICS,
    MetricsServer,
  ],
  exports: [MetricsServer],
})
export class MetricsModule {}
