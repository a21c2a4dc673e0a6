export { DownstreamModule } from './downstream.module.js';
export { Downstream } from './downstream.service.js';
export { exposureProblem } from './exposure.js';
export { FrontAdapter } from './http/front.adapter.js';
export { OriginGuard } from './origin-guard.js';
export { SecuritySection } from './security.section.js';
export { ServerSection } from './server.section.js';
export { McpWsAdapter } from './websocket/mcp-ws.adapter.js';
