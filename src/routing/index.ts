export { Audience } from './audience.js';
export { GatewaySection, type ValidationMode } from './gateway.section.js';
export { ROUTE_TABLE, type Introduction, type Route, type RouteTable } from './route.js';
export { RoutingModule } from './routing.module.js';
export type { ToldTools } from './told-tools.js';
export { TopologyService } from './topology.service.js';
