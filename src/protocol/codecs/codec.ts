import type { Params, McpReply, McpRequest, McpResult } from '../../core/message.js';
import type { Era, Implementation, Peer, ServerPeer } from '../../core/peer.js';
import type { JsonObject } from '../../core/json.js';

/** On whose behalf a server is asked something. */
export interface Sender {
  /** What the server may be told that the client can do. */
  readonly declares: JsonObject;
  readonly info: Implementation;
  /** The least severe log level that the client wants. */
  readonly logLevel: string | undefined;
}

/**
 * How one era says things, on either leg. What the chain sees is the same for all eras: a method, params, a
 * reply; what an era adds to that (handshakes, envelopes, result types) its codec puts on and takes off.
 */
export interface Codec {
  readonly era: Era;

  /**
   * The params of a request as the server of this leg is to get them: with its own name for what the
   * request is about, and with our progress token, or none, in the place of the client's. Everything
   * else is untouched.
   *
   * @param progressToken a number that is unique on the channel; undefined when no progress is wanted
   * @param sender is told to servers that want to know it with every request
   */
  upstreamParams(request: McpRequest, progressToken: number | undefined, sender: Sender): Buffer | undefined;
}

/** An era in which peers introduce themselves before they do anything else. */
export interface HandshakeCodec extends Codec {
  /** Params of the `initialize` by which we introduce ourselves to a server, asking for the newest revision. */
  initializeParams(self: Implementation, capabilities?: JsonObject): Buffer;

  /**
   * The server that an `initialize` was answered by.
   *
   * @throws `upstream_protocol_error` when it refused, answered in a revision that is not spoken here, or
   * with something else
   */
  readInitializeResult(reply: McpReply): ServerPeer;

  /** The client that an `initialize` introduces, with the revision that it is answered in. The params are checked already. */
  readInitialize(params: Params | undefined): Peer;

  /** The answer to an `initialize`: of the capabilities, those that the revision of the client has a word for. */
  initializeResult(peer: Peer, self: SelfDescription): McpResult;
}

/** An era in which every request stands for itself. */
export interface StatelessCodec extends Codec {
  /**
   * The server that a `server/discover` was answered by.
   *
   * @throws `upstream_protocol_error` when it speaks no modern revision that is spoken here
   */
  readDiscoverResult(reply: McpReply): ServerPeer;

  /** The answer to a `server/discover`: of the capabilities, those that the revision has a word for. */
  discoverResult(revision: string, self: SelfDescription): McpResult;
}

/** What the gateway tells a client of itself. */
export interface SelfDescription {
  readonly info: Implementation;
  readonly capabilities: JsonObject;
  readonly instructions: string | undefined;
}
