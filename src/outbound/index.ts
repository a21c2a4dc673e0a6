export { Outbound, type OutboundRequest, type OutboundResponse, RESOLVER } from './outbound.js';
export type { Resolver } from './resolver.js';
export { OutboundFailure, type OutboundFault } from './outbound-failure.js';
export { OutboundModule } from './outbound.module.js';
export { OutboundSection } from './outbound.section.js';
