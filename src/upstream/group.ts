import type { DriftAction } from '../core/events.js';
import type { Exchange } from '../core/exchange.js';
import type { Relay } from '../core/filter.js';
import type { McpReply, McpRequest, Params } from '../core/message.js';
import type { Era, ServerPeer } from '../core/peer.js';
import type { GroupView } from '../core/views.js';
import type { Holder } from './holder.js';
import type { ListKind } from './list-kind.js';

/** Who shares an upstream session: as configured (`isolation`). */
export const ISOLATIONS = ['auto', 'shared', 'principal', 'session'] as const;
export type Isolation = (typeof ISOLATIONS)[number];

/** What becomes of tools that are not described as they were approved: as configured (`on_drift`). */
export const DRIFT_ACTIONS = ['log', 'hide', 'keep'] as const satisfies readonly DriftAction[];

/** The era of servers that are replicas of one another: of both while some of them are newer than others. */
export type GroupEra = Era | 'mixed';

/** A question of the gateway's own, such as a list: no downstream stands behind it. */
export interface Question {
  /** Monotonic milliseconds. */
  readonly deadline: number;
  /** Ask this server if it is up; another replica answers otherwise. */
  readonly preferred?: string | undefined;
  /** On whose upstream session it is asked. Left out: on the one that everybody shares. */
  readonly holder?: Holder | undefined;
}

export interface Answer {
  readonly reply: McpReply;
  /** Id of the server that answered. */
  readonly server: string;
  /** Whether it was asked on a session that the holder has for itself. */
  readonly isOwn: boolean;
}

/** Who hears what concerns a group as a whole, on the sessions that everybody shares. */
export interface GroupListener {
  /** A list may have changed: the server said so, or was introduced anew. */
  listChanged?(kind: ListKind): void;
  /** Params of a `notifications/resources/updated`. @param server the id of the server that said it */
  resourceUpdated?(params: Params, server: string): void;
  /** A server was introduced, perhaps anew: what it was told to remember is forgotten. */
  serverIntroduced?(server: string): void;
  /** The connection to a server was lost, or the server left. */
  serverLost?(server: string): void;
}

/** A named set of upstream servers that are replicas of one MCP server. */
export interface Group {
  readonly name: string;
  /** Before the names of its tools and prompts on the aggregated route; empty for none. */
  readonly prefix: string;
  readonly isolation: Isolation;
  /** Whether its servers are shown who asks, so that not even those without sessions tell two principals the same. */
  readonly tellsCallersApart: boolean;
  /** The server introduced last, kept while all are away. Undefined until one was ever reached. */
  readonly peer: ServerPeer | undefined;
  /** Of all of its servers that were ever reached. Undefined until one was. */
  readonly era: GroupEra | undefined;
  /** Whether all of its servers that were ever reached tell on behalf of which request they speak. */
  readonly knowsOrigin: boolean;
  /** Whether any of its servers hands out session ids, and so may keep something for each of its clients. */
  readonly keepsSessions: boolean;

  /** Settles as soon as a server has been introduced, at the latest at the deadline; never rejects. */
  whenIntroduced(deadline: number): Promise<void>;

  /**
   * Picks a server and sends: that on which the holder has a session already, else by the group's strategy. Sends
   * once more, to another server if there is one, only where nothing can happen twice; a session that was lost is
   * opened anew, unseen, and the request sent again on it where the server certainly did not take it.
   *
   * @param holder on whose upstream session it is sent, where servers have sessions, which modern ones have not;
   * left out: on the one that everybody shares
   * @throws `upstream_unavailable`, `upstream_overloaded`, `upstream_timeout`, `upstream_protocol_error`,
   * `exchange_cancelled`
   */
  send(request: McpRequest, exchange: Exchange, relay: Relay, holder?: Holder): Promise<McpReply>;

  /** @throws as `send` */
  ask(request: McpRequest, question: Question): Promise<Answer>;

  /** Tells every server on which the holder has a session. Dropped where it has none. */
  notify(method: string, params: Buffer | undefined, holder: Holder): void;

  /**
   * Tells every server that has logging the least severe level that anybody wants, now and whenever it is
   * introduced anew.
   *
   * @param holder whose sessions are told instead of those that everybody shares; new ones get what the holder wants
   */
  setLogLevel(level: string, holder?: Holder): void;

  /** Returns how to stop. */
  listen(listener: GroupListener): () => void;

  view(): GroupView;
}
