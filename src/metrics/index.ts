export { MetricsModule } from './metrics.module.js';
export { MetricsSection } from './metrics.section.js';
export { MetricsServer } from './metrics.server.js';
