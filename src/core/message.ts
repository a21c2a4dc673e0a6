import { JsonBytes, parseJson, splice, type JsonObject, type JsonValue, type Span, type Splice } from './json.js';
import { stringAt } from './walk.js';

/** A JSON-RPC id as MCP allows it. `1` and `"1"` are two different ids, and so are `0`, `""` and `"0"`. */
export type RequestId = string | number;

/** Members of `params` that the gateway acts on, as spans of its bytes. What is absent is undefined. */
export interface ParamSpans {
  readonly name?: Span | undefined;
  readonly uri?: Span | undefined;
  /** What is to be completed (`completion/complete`). */
  readonly ref?: Span | undefined;
  readonly arguments?: Span | undefined;
  /** Which request is meant (`notifications/cancelled`). */
  readonly requestId?: Span | undefined;
  /** `progressToken` of params themselves: what progress is of (`notifications/progress`). */
  readonly token?: Span | undefined;
  readonly cursor?: Span | undefined;
  readonly meta?: Span | undefined;
  /** Which task is meant (`tasks/get` and its like). */
  readonly taskId?: Span | undefined;
  /** That a task is to be made of the request (`tools/call`). */
  readonly task?: Span | undefined;
  /** `_meta.progressToken` */
  readonly progressToken?: Span | undefined;
  /** What the client was asked for before and answers now, by key (modern). */
  readonly inputResponses?: Span | undefined;
  /** What the client was given with that question (modern). */
  readonly requestState?: Span | undefined;
  /** The envelope of a modern request, member by member, as it stands in `_meta`. */
  readonly protocolVersion?: Span | undefined;
  readonly clientCapabilities?: Span | undefined;
  readonly clientInfo?: Span | undefined;
  readonly logLevel?: Span | undefined;
  /** Which listen a modern server says something for (`_meta`). */
  readonly subscriptionId?: Span | undefined;
}

/** The `params` of one message: their bytes, and where the gateway's points of interest stand in them. */
export class Params extends JsonBytes {
  constructor(
    bytes: Buffer,
    readonly spans: ParamSpans,
  ) {
    super(bytes);
  }

  /** The value of a spanned member as JSON, or undefined where it is absent. */
  read(member: keyof ParamSpans): JsonValue | undefined {
    const span = this.spans[member];
    return span && parseJson(this.bytes, span[0], span[1]);
  }

  /** The value of a spanned member when it is a string. Nothing is parsed for one that is spelled plainly. */
  text(member: 'name' | 'uri' | 'cursor' | 'taskId' | 'requestState' | 'protocolVersion'): string | undefined {
    const span = this.spans[member];
    return span && stringAt(this.bytes, span);
  }

  /** The bytes with spans replaced. The spans of the result are not known: it is for the wire. */
  spliced(splices: readonly Splice[]): Buffer {
    return splices.length === 0 ? this.bytes : splice(this.bytes, splices);
  }
}

/**
 * A request on its way through the gateway: a method and its params, without an id, because ids belong
 * to a leg and never cross over.
 */
export class McpRequest {
  constructor(
    readonly method: string,
    readonly params: Params | undefined,
    /** What the upstream leg calls what the request is about, when it differs. */
    readonly renamed?: string,
    /** Arguments that a modern server over HTTP wants to see in headers as well: header names and values. */
    readonly mirrors?: ReadonlyMap<string, string>,
  ) {}

  /** The params as an object, parsed once. Treat them as frozen. */
  object(): JsonObject {
    return this.params?.object() ?? {};
  }

  /** The same request under the upstream's own name or URI. */
  withName(name: string): McpRequest {
    return new McpRequest(this.method, this.params, name, this.mirrors);
  }

  /** The same request with other params. */
  withParams(params: Params | undefined): McpRequest {
    return new McpRequest(this.method, params, this.renamed, this.mirrors);
  }

  /** The same request with arguments mirrored into headers. */
  withMirrors(mirrors: ReadonlyMap<string, string>): McpRequest {
    return new McpRequest(this.method, this.params, this.renamed, mirrors);
  }
}

/** What travels back before the reply. `params` are as the peer of the other leg sent them. */
export type InterimMessage = InterimNotification | InputRequest;

export interface InterimNotification {
  readonly kind: 'notification';
  readonly method: string;
  readonly params: Params | undefined;
}

/** Whoever waits for the answer to an input request. */
export interface Asker {
  /** The answer of the downstream. Only the first answer or refusal counts. */
  answered(reply: McpReply): void;
  /** The downstream cannot be asked, or has not answered: the server gets what its revision has for that. */
  refused(): void;
  /** What the downstream reports meanwhile: params of a `notifications/progress`, with the asker's own token in them. */
  progressed(params: Params): void;
  /**
   * Calls back once when the asker needs no answer any more, because it took the question back or went away; at
   * once if that is so already. Never after the answer.
   */
  onWithdrawn(callback: (reason: string | undefined) => void): void;
}

/**
 * What an upstream server needs from the client before it can go on: sampling, elicitation, roots. Whoever
 * takes it must answer or refuse it, at once where nobody can be asked: servers wait for it.
 */
export class InputRequest implements Asker {
  readonly kind = 'request';

  constructor(
    readonly method: string,
    readonly params: Params | undefined,
    private readonly asker: Asker,
  ) {}

  /** The same question in other words. */
  withParams(params: Params | undefined): InputRequest {
    return new InputRequest(this.method, params, this.asker);
  }

  answered(reply: McpReply): void {
    this.asker.answered(reply);
  }

  refused(): void {
    this.asker.refused();
  }

  progressed(params: Params): void {
    this.asker.progressed(params);
  }

  onWithdrawn(callback: (reason: string | undefined) => void): void {
    this.asker.onWithdrawn(callback);
  }
}

/** What ends an exchange. An upstream's error is a reply like any other; our own failure is a throw. */
export type McpReply = McpResult | McpError;

export interface McpResult {
  readonly kind: 'result';
  /** The `result` member. */
  readonly json: JsonBytes;
  /** Its `resultType` where it is in the words of the modern era; undefined where it is in those of the legacy one. */
  readonly type?: string | undefined;
  /** How long and for whom it may be kept. Undefined where nobody has said so. */
  readonly freshness?: Freshness | undefined;
}

/** How long a client may use a result again, and whether others may. */
export interface Freshness {
  /** Milliseconds from now on; 0 for not at all. */
  readonly ttlMs: number;
  readonly scope: 'public' | 'private';
}

export interface McpError {
  readonly kind: 'error';
  /** The `error` member: an object with `code` and `message`. */
  readonly json: JsonBytes;
  /** Set where a modern server said it, whose codes do not all mean what they mean to legacy clients. */
  readonly era?: 'modern';
}

export function result(value: JsonObject): McpResult {
  return { kind: 'result', json: JsonBytes.of(value) };
}

export function errorReply(code: number, message: string, data?: JsonObject): McpError {
  return { kind: 'error', json: JsonBytes.of(data === undefined ? { code, message } : { code, message, data }) };
}
