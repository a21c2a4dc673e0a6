import { GatewayError } from '../../src/core/errors.js';
import type { Exchange } from '../../src/core/exchange.js';
import type { Relay } from '../../src/core/filter.js';
import { JsonBytes, type JsonObject } from '../../src/core/json.js';
import type { InterimMessage, McpReply, McpRequest } from '../../src/core/message.js';
import type { ServerPeer } from '../../src/core/peer.js';
import type { GroupView } from '../../src/core/views.js';
import type { Answer, Group, ListKind, Question } from '../../src/upstream/index.js';

/** What a fake server does with a request: answers JSON text, or fails. */
export type FakeHandler = (request: McpRequest) => string | McpReply | Promise<string | McpReply>;

export interface FakeGroupOptions {
  readonly prefix?: string;
  readonly capabilities?: JsonObject;
  readonly instructions?: string;
  /** By method. A list may be given as its items. */
  readonly on?: Readonly<Record<string, FakeHandler>>;
}

const EVERYTHING: JsonObject = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true },
  completions: {},
  logging: {},
};

/** A group in memory: one server that answers as it was told, and remembers what it was asked. */
export class FakeGroup implements Group {
  readonly prefix: string;
  peer: ServerPeer | undefined;
  /** The gateway's own questions, as method and cursor. */
  readonly asked: { method: string; cursor: string | undefined; preferred: string | undefined }[] = [];
  /** What downstreams sent. */
  readonly sent: McpRequest[] = [];
  readonly levels: string[] = [];
  /** What the server sends back before each reply. */
  interim: InterimMessage | undefined;
  down = false;
  handlers: Record<string, FakeHandler>;
  private readonly listeners = new Set<(kind: ListKind) => void>();
  private readonly waiting = new Set<() => void>();
  private readonly introduced: ServerPeer;

  constructor(
    readonly name: string,
    { prefix = name, capabilities = EVERYTHING, instructions, on = {} }: FakeGroupOptions = {},
  ) {
    this.prefix = prefix;
    this.handlers = { ...on };
    const info = { name, version: '1' };
    this.introduced = { era: 'legacy', revision: '2025-11-25', capabilities, instructions, info };
    this.peer = this.introduced;
  }

  /** As if no server had ever been reached. */
  unreached(): this {
    this.peer = undefined;
    this.down = true;
    return this;
  }

  /** A server is reached after all. */
  introduce(): void {
    this.peer = this.introduced;
    this.down = false;
    for (const kind of ['tools', 'prompts', 'resources'] as const) this.announce(kind);
    this.giveUpWaiting();
  }

  /** As if the deadline of whoever waits for an introduction had come. */
  giveUpWaiting(): void {
    for (const done of this.waiting) done();
    this.waiting.clear();
  }

  get listening(): number {
    return this.listeners.size;
  }

  announce(kind: ListKind): void {
    for (const listener of this.listeners) listener(kind);
  }

  whenIntroduced(): Promise<void> {
    return this.peer ? Promise.resolve() : new Promise((done) => this.waiting.add(done));
  }

  send(request: McpRequest, exchange: Exchange, relay: Relay): Promise<McpReply> {
    this.sent.push(request);
    if (this.interim) relay(this.interim, exchange);
    return this.answer(request);
  }

  async ask(request: McpRequest, { preferred }: Question): Promise<Answer> {
    this.asked.push({ method: request.method, cursor: request.params?.text('cursor'), preferred });
    return { reply: await this.answer(request), server: `${this.name}-1` };
  }

  setLogLevel(level: string): void {
    this.levels.push(level);
  }

  onListChanged(listener: (kind: ListKind) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  view(): GroupView {
    return { name: this.name, strategy: 'round_robin', prefix: this.prefix, path: `/mcp/${this.name}`, servers: [] };
  }

  private async answer(request: McpRequest): Promise<McpReply> {
    if (this.down) throw new GatewayError('upstream_unavailable', 'no server is up');
    const said = await this.handlers[request.method]?.(request);
    if (said === undefined) return failure('{"code":-32601,"message":"Method not found"}');
    return typeof said === 'string' ? success(said) : said;
  }
}

/** A result of this JSON text. */
export function success(text: string): McpReply {
  return { kind: 'result', json: new JsonBytes(Buffer.from(text)) };
}

/** An error reply of this JSON text. */
export function failure(text: string): McpReply {
  return { kind: 'error', json: new JsonBytes(Buffer.from(text)) };
}
