import type { Exchange } from '../core/exchange.js';
import type { Relay } from '../core/filter.js';
import type { McpReply, McpRequest } from '../core/message.js';
import type { ServerPeer } from '../core/peer.js';
import type { GroupView } from '../core/views.js';

/** The lists of an MCP server that can change. */
export type ListKind = 'tools' | 'prompts' | 'resources';

/** A question of the gateway's own, such as a list: no downstream stands behind it. */
export interface Question {
  /** Monotonic milliseconds. */
  readonly deadline: number;
  /** Ask this server if it is up; another replica answers otherwise. */
  readonly preferred?: string | undefined;
}

export interface Answer {
  readonly reply: McpReply;
  /** Id of the server that answered. */
  readonly server: string;
}

/** A named set of upstream servers that are replicas of one MCP server. */
export interface Group {
  readonly name: string;
  /** Before the names of its tools and prompts on the aggregated route; empty for none. */
  readonly prefix: string;
  /** The server introduced last, kept while all are away. Undefined until one was ever reached. */
  readonly peer: ServerPeer | undefined;

  /** Settles as soon as a server has been introduced, at the latest at the deadline; never rejects. */
  whenIntroduced(deadline: number): Promise<void>;

  /**
   * Picks a server by the group's strategy and sends. Sends once more, to another server if there is
   * one, only where nothing can happen twice.
   *
   * @throws `upstream_unavailable`, `upstream_overloaded`, `upstream_timeout`, `upstream_protocol_error`,
   * `exchange_cancelled`
   */
  send(request: McpRequest, exchange: Exchange, relay: Relay): Promise<McpReply>;

  /** @throws as `send` */
  ask(request: McpRequest, question: Question): Promise<Answer>;

  /** Tells every server that has logging the least severe level that anybody wants. */
  setLogLevel(level: string): void;

  /** Hears that a list may have changed: the server said so, or was introduced anew. Returns how to stop. */
  onListChanged(listener: (kind: ListKind) => void): () => void;

  view(): GroupView;
}
