import type { Exchange } from '../../core/exchange.js';
import type { Relay } from '../../core/filter.js';
import type { McpRequest } from '../../core/message.js';
import type { Member } from '../catalog/member.js';

/** One request on its way to the group that it is for. */
export interface ForwardCall {
  /** Under the group's own name for what it is about. */
  readonly request: McpRequest;
  readonly exchange: Exchange;
  /** What takes the messages that travel back meanwhile. */
  readonly relay: Relay;
  readonly member: Member;
}

/** Another replica can go on as well, but one that has gone on before may know more. */
export function prefer(exchange: Exchange, server: string | undefined): void {
  const { target } = exchange;
  if (target && server !== undefined) exchange.target = { ...target, server };
}
