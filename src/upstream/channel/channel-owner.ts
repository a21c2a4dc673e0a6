import type { GatewayError } from '../../core/errors.js';
import type { ListKind } from '../group.js';

/** Who hears what concerns a channel as a whole, from the moment it is open. */
export interface ChannelOwner {
  /** The server says that one of its lists is not what it was. */
  listChanged(kind: ListKind): void;
  /** Nothing more can be sent; what was sent may still be answered. */
  ending(reason: GatewayError): void;
  /** It is over. */
  closed(reason: GatewayError): void;
}
