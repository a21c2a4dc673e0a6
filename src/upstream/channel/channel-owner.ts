import type { GatewayError } from '../../core/errors.js';
import type { Params } from '../../core/message.js';
import type { ListKind } from '../list-kind.js';
import type { Holder } from '../holder.js';

/** Who hears what concerns a channel as a whole, from the moment it is open. */
export interface ChannelOwner {
  /** Id of the server. */
  readonly server: string;
  /** Whose own session it is; undefined for the one that everybody shares. */
  readonly holder: Holder | undefined;
  /** The server says that one of its lists is not what it was. */
  listChanged(kind: ListKind): void;
  /** On the session that everybody shares: params of a `notifications/resources/updated`. */
  resourceUpdated(params: Params): void;
  /** Nothing is in flight any more. */
  quiet(): void;
  /** Nothing more can be sent; what was sent may still be answered. */
  ending(reason: GatewayError): void;
  /** It is over. */
  closed(reason: GatewayError): void;
}
