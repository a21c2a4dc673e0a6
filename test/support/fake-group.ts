import { GatewayError } from '../../src/core/errors.js';
import type { Exchange } from '../../src/core/exchange.js';
import type { Relay } from '../../src/core/filter.js';
import { JsonBytes, type JsonObject } from '../../src/core/json.js';
import type { InterimMessage, McpReply, McpRequest } from '../../src/core/message.js';
import type { Era, ServerPeer } from '../../src/core/peer.js';
import type { GroupView } from '../../src/core/views.js';
import type {
  Answer,
  Group,
  GroupEra,
  GroupListener,
  Holder,
  Isolation,
  ListKind,
  Question,
} from '../../src/upstream/index.js';

/** What a fake server does with a request: answers JSON text, or fails. */
export type FakeHandler = (request: McpRequest, holder?: Holder) => string | McpReply | Promise<string | McpReply>;

export interface FakeGroupOptions {
  readonly prefix?: string;
  readonly capabilities?: JsonObject;
  /** Of its server; legacy when left out. */
  readonly era?: Era;
  readonly knowsOrigin?: boolean;
  readonly isolation?: Isolation;
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
  isolation: Isolation;
  readonly tellsCallersApart = false;
  readonly knowsOrigin: boolean;
  /** As if its servers handed out session ids; `introduce` makes it known. */
  keepsSessions = false;
  /** As if there were replicas of both eras. */
  isMixed = false;
  /** What was told on the sessions of holders, as method and key of the holder. */
  readonly notified: { method: string; holder: string }[] = [];
  peer: ServerPeer | undefined;
  /** The gateway's own questions, as method and cursor. */
  readonly asked: { method: string; cursor: string | undefined; preferred: string | undefined; holder?: string }[] = [];
  /** What downstreams sent. */
  readonly sent: McpRequest[] = [];
  /** On whose session each of them was sent; undefined for that which everybody shares. */
  readonly sentFor: (Holder | undefined)[] = [];
  /** On the sessions that everybody shares. */
  readonly levels: string[] = [];
  /** On the sessions of holders. */
  readonly ownLevels: { level: string; holder: string }[] = [];
  /** What the server sends back before each reply. */
  interim: InterimMessage | undefined;
  down = false;
  handlers: Record<string, FakeHandler>;
  private readonly listeners = new Set<GroupListener>();
  private readonly waiting = new Set<() => void>();
  private readonly introduced: ServerPeer;

  constructor(
    readonly name: string,
    options: FakeGroupOptions = {},
  ) {
    const {
      prefix = name,
      capabilities = EVERYTHING,
      isolation = 'auto',
      instructions,
      era = 'legacy',
      knowsOrigin = true,
      on = {},
    } = options;
    this.prefix = prefix;
    this.isolation = isolation;
    this.knowsOrigin = knowsOrigin;
    this.handlers = { ...on };
    const info = { name, version: '1' };
    const revision = era === 'modern' ? '2026-07-28' : '2025-11-25';
    this.introduced = { era, revision, capabilities, instructions, info };
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

  get era(): GroupEra | undefined {
    return this.isMixed ? 'mixed' : this.peer?.era;
  }

  get listening(): number {
    return this.listeners.size;
  }

  announce(kind: ListKind): void {
    for (const listener of this.listeners) listener.listChanged?.(kind);
  }

  whenIntroduced(): Promise<void> {
    return this.peer ? Promise.resolve() : new Promise((done) => this.waiting.add(done));
  }

  send(request: McpRequest, exchange: Exchange, relay: Relay, holder?: Holder): Promise<McpReply> {
    this.sent.push(request);
    this.sentFor.push(holder);
    if (this.interim) relay(this.interim, exchange);
    return this.answer(request, holder);
  }

  async ask(request: McpRequest, { preferred, holder }: Question): Promise<Answer> {
    const cursor = request.params?.text('cursor');
    this.asked.push({ method: request.method, cursor, preferred, ...(holder && { holder: holder.key }) });
    const isOwn = holder !== undefined && this.era !== 'modern';
    return { reply: await this.answer(request, holder), server: `${this.name}-1`, isOwn };
  }

  setLogLevel(level: string, holder?: Holder): void {
    if (holder) this.ownLevels.push({ level, holder: holder.key });
    else this.levels.push(level);
  }

  notify(method: string, _params: Buffer | undefined, holder: Holder): void {
    this.notified.push({ method, holder: holder.key });
  }

  listen(listener: GroupListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  view(): GroupView {
    return { name: this.name, strategy: 'round_robin', prefix: this.prefix, path: `/mcp/${this.name}`, servers: [] };
  }

  private async answer(request: McpRequest, holder?: Holder): Promise<McpReply> {
    if (this.down) throw new GatewayError('upstream_unavailable', 'no server is up');
    const said = await this.handlers[request.method]?.(request, holder);
    if (said === undefined) return failure('{"code":-32601,"message":"Method not found"}');
    if (typeof said !== 'string') return said;
    return this.introduced.era === 'modern' ? modernSuccess(said) : success(said);
  }
}

/** A result of this JSON text. */
export function success(text: string): McpReply {
  return { kind: 'result', json: new JsonBytes(Buffer.from(text)) };
}

/** A result of this JSON text in the words of a modern server; complete where it says nothing else. */
export function modernSuccess(text: string): McpReply {
  const { resultType } = JSON.parse(text) as JsonObject;
  const type = typeof resultType === 'string' ? resultType : 'complete';
  return { kind: 'result', json: new JsonBytes(Buffer.from(text)), type };
}

/** An error reply of this JSON text. */
export function failure(text: string): McpReply {
  return { kind: 'error', json: new JsonBytes(Buffer.from(text)) };
}
