export {
  ISOLATIONS,
  type Answer,
  type Group,
  type GroupEra,
  type GroupListener,
  type Isolation,
  type Question,
} from './group.js';
export type { Holder } from './holder.js';
export type { ListKind } from './list-kind.js';
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
