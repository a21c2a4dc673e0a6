import { GatewayError } from '../../src/core/errors.js';
import type { McpRequest } from '../../src/core/message.js';
import { readParams } from '../../src/protocol/index.js';
import type { Answer, GroupEra, GroupListener, Isolation, Question } from '../../src/upstream/index.js';
import { failure, FakeGroup, success } from './fake-group.js';

/** Decides when a server gets round to something. */
export type Pace = <T>(step: () => T) => Promise<T>;

export interface FakeResourcesOptions {
  readonly pace?: Pace;
  readonly isolation?: Isolation;
}

/** A group whose servers can be subscribed to, in memory: each remembers what it was told until it is lost. */
export class FakeResources extends FakeGroup {
  /** By server: what is subscribed there, as URI, or as URI and key of the holder. */
  readonly subscribed = new Map<string, Set<string>>();
  /** What was asked, as method and URI. */
  readonly said: string[] = [];
  /** Answers an error to whoever subscribes to one of these. */
  readonly refused = new Set<string>();
  /** Servers that have one session for everybody, whoever asks. */
  readonly modern = new Set<string>();
  private readonly serverIds: readonly string[];
  private readonly pace: Pace;
  private readonly hearing = new Set<GroupListener>();

  constructor(
    name: string,
    serverIds: readonly string[],
    { pace = async (step) => step(), isolation = 'auto' }: FakeResourcesOptions = {},
  ) {
    super(name, { isolation, capabilities: { resources: { subscribe: true } } });
    this.serverIds = serverIds;
    this.pace = pace;
    for (const id of serverIds) this.subscribed.set(id, new Set());
  }

  /** The same servers in another generation. */
  anew(): FakeResources {
    const other = new FakeResources(this.name, this.serverIds, { pace: this.pace, isolation: this.isolation });
    for (const id of this.serverIds) {
      const known = this.subscribed.get(id);
      if (known) other.subscribed.set(id, known);
      else other.subscribed.delete(id);
    }
    return other;
  }

  override get era(): GroupEra {
    if (this.modern.size === 0) return 'legacy';
    return this.modern.size === this.serverIds.length ? 'modern' : 'mixed';
  }

  override listen(listener: GroupListener): () => void {
    this.hearing.add(listener);
    return () => this.hearing.delete(listener);
  }

  override async ask(request: McpRequest, question: Question): Promise<Answer> {
    const answer = await this.pace(() => this.take(request, question));
    // The reply is on its way.
    return this.pace(() => answer);
  }

  lose(server: string): void {
    if (!this.subscribed.delete(server)) return;
    for (const listener of this.hearing) listener.serverLost?.(server);
  }

  /** As at the first time, or anew. */
  bring(server: string): void {
    this.subscribed.set(server, new Set());
    for (const listener of this.hearing) listener.serverIntroduced?.(server);
  }

  update(uri: string, server: string): void {
    const params = readParams(Buffer.from(JSON.stringify({ uri })));
    for (const listener of this.hearing) listener.resourceUpdated?.(params, server);
  }

  private take(request: McpRequest, { preferred, holder }: Question): Answer {
    const uri = request.params?.text('uri') ?? '';
    this.said.push(`${request.method} ${uri}`);
    const [first] = this.subscribed.keys();
    const server = preferred !== undefined && this.subscribed.has(preferred) ? preferred : first;
    const known = server === undefined ? undefined : this.subscribed.get(server);
    if (server === undefined || !known) throw new GatewayError('upstream_unavailable', 'no server is up');
    const isOwn = holder !== undefined && !this.modern.has(server);
    if (this.refused.has(uri))
      return { reply: failure('{"code":-32002,"message":"Resource not found"}'), server, isOwn };
    const what = isOwn ? `${uri} ${holder.key}` : uri;
    if (request.method === 'resources/subscribe') known.add(what);
    else known.delete(what);
    return { reply: success('{}'), server, isOwn };
  }
}
