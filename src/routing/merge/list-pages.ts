import type { Sight } from '../../core/access.js';
import type { Exchange } from '../../core/exchange.js';
import type { McpReply, McpRequest } from '../../core/message.js';

/** How the lists of a showing are answered. */
export interface PageTraits {
  /** Items on one page. */
  readonly size: number;
  /** Whether clients may be told that what all servers call public is for everybody. */
  readonly mayBePublic: boolean;
  /** What of the lists is shown. Undefined for all of it. */
  readonly sight?: Sight | undefined;
}

/** Answers the requests for one list of a route. Of their params only the cursor counts; no other is passed on. */
export interface ListPages {
  /** @throws `protocol_invalid_params`, `upstream_unavailable`, `ListRefused` */
  answer(request: McpRequest, exchange: Exchange): McpReply | Promise<McpReply>;
}
