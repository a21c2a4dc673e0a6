export { METRICS_SERVER_FACTORY, type MetricsServerFactory } from './metrics.adapter.js';
export { MetricsModule } from './metrics.module.js';
export { MetricsSection } from './metrics.section.js';
export { MetricsServer } from './metrics.server.js';
