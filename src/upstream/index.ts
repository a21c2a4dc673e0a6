export type { Answer, Group, ListKind, Question } from './group.js';
export { GroupManager } from './group.manager.js';
export { prefixOf } from './prefix.js';
export { TRANSPORTS } from './transports/index.js';
export { UpstreamModule } from './upstream.module.js';
export {
  ConnectionPoolConfig,
  GroupConfig,
  ReconnectConfig,
  ServerConfig,
  UpstreamSection,
} from './upstream.section.js';
export { UpstreamTransport, type TransportTraits } from './upstream-transport.js';
export type { Wire, WireContext, WireListener } from './wire.js';
