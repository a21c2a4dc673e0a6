import type { CancelSignal } from './cancellation.js';
import type { Definition } from './definition.js';
import type { Flow } from './flow.js';
import type { JsonObject } from './json.js';
import type { InterimMessage } from './message.js';
import type { Peer } from './peer.js';
import type { Principal } from './principal.js';

/**
 * One request and everything until its reply. It lives in the generation in which it began, and is the
 * only thing that filters, routing and upstreams learn about the downstream leg.
 */
export interface Exchange {
  /** `request_id` of logs: unique in this process, never the client's JSON-RPC id. */
  readonly id: string;
  readonly method: string;
  readonly peer: Peer;
  /** Who asks, vouched for by the credential of this very request where each of them has one (HTTP). */
  readonly principal: Principal;
  /** Stable while the downstream stays: the session, else the connection. For affinity and attribution. */
  readonly stay: Stay;
  /** Where the client is, without port: what the socket says, or a proxy that is trusted. */
  readonly clientAddress: string;
  /** Name of the route: `mcp`, or that of a group. */
  readonly route: string;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  /** Monotonic milliseconds after which nobody waits any more. Moves while the downstream is asked for input. */
  readonly deadline: number;
  /** Aborted when the downstream cancels or its stay ends; the reason is a `CancelledError`, or the failure that ended it. */
  readonly signal: CancelSignal;
  /** Whether the downstream asked for progress. */
  readonly wantsProgress: boolean;
  /** The least severe log level the downstream wants for this request. Undefined where it never said. */
  readonly logLevel: string | undefined;
  /** What servers may be told that the downstream can do. The same object for the same peer; treat it as frozen. */
  readonly declares: JsonObject;
  /**
   * A header that came with the request, by its name in small letters; where it came twice, joined as HTTP joins
   * them. Undefined where there is none, or the leg has no headers of its own for each request (all but HTTP).
   */
  header(name: string): string | undefined;
  /**
   * The arguments that the downstream repeated in headers: by header name without `mcp-param-`, in small letters,
   * with values as they were sent. Undefined where its leg has no headers (all but modern HTTP).
   */
  readonly mirrored: ReadonlyMap<string, string> | undefined;
  /** What the request is aimed at, once the catalog has been asked: known before anything is judged. */
  target: Target | undefined;
  /** Who served it, once a server was picked. */
  server: ServerRef | undefined;
  /** How the downstream keeps up with what it is sent for this exchange. */
  readonly flow: Flow;
  /**
   * Sends an interim message to the downstream. Does nothing after the reply or a cancellation, but for input
   * requests: those that nobody can be asked are refused at once, whatever the reason.
   */
  deliver(message: InterimMessage): void;
}

/**
 * What the gateway keeps for a downstream between its requests. A modern downstream has no such thing: its stay is
 * as long as its one request, and nothing is kept.
 */
export interface Stay {
  readonly id: string;
  readonly principal: Principal;
  /** The peer, from the moment it has introduced itself. */
  readonly peer: Peer | undefined;
  /** The least severe log level the downstream wants (`logging/setLevel`), if it ever said. */
  logLevel: string | undefined;
  readonly ended: boolean;
  /** How the downstream keeps up with what belongs to none of its requests. */
  readonly flow: Flow;
  /**
   * Sends what belongs to no request of the downstream, where it has a stream for that. Otherwise notifications
   * are dropped and input requests are refused at once.
   */
  deliver(message: InterimMessage): void;
  /** Calls back once when the stay ends; at once if it already has. Returns how to take it back. */
  onEnd(callback: () => void): () => void;
}

export interface ServerRef {
  readonly group: string;
  /** The server's id within its group. */
  readonly server: string;
}

/** The catalog's answer: which group owns the thing, and what it is called there. */
export interface Target {
  readonly group: string;
  /** The upstream's own name, URI or task id. */
  readonly name: string;
  /** The server that has it, where another replica does not know it. */
  readonly server?: string | undefined;
  /** How its server describes it, where that is known. */
  readonly definition?: Definition | undefined;
  /** Asks for the description where it is not known. Never rejects; undefined where the server tells of none. */
  readonly learn?: (() => Promise<Definition | undefined>) | undefined;
}
