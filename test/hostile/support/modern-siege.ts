import { EventStream } from '../../support/golden-events.ts';
import { headersOf, listen, modern, postModern } from '../../support/modern.ts';
import { call, postOf, request, type Json, type WsClient } from '../../support/raw-clients.ts';
import { until } from '../../support/until.ts';
import { HostileModern } from './hostile-modern.ts';
import { outcomeOf } from './siege.ts';
import { Target } from './target.ts';

/** Longer than any of the time limits of these tests. */
const ANSWER_MS = 5_000;
const RECOVERY_MS = 5_000;
const MAX_GROWTH_MIB = 100;

/** Input that all clients of these tests declare. */
const DECLARED = { elicitation: { form: {} } };

/** The gateway before hostile modern servers, each in a group of its own and with clients of both eras. */
export class ModernSiege {
  readonly target: Target;
  private readonly fronts: ReadonlyMap<string, ModernFront>;
  private readonly memory: number;

  private constructor(target: Target, fronts: ReadonlyMap<string, ModernFront>) {
    this.target = target;
    this.fronts = fronts;
    this.memory = target.memory;
  }

  /**
   * @param names of groups, each before a server that is decent until it is told otherwise
   * @param keys of `[upstream]`
   */
  static async begin(names: readonly string[], keys = ''): Promise<ModernSiege> {
    const servers = await Promise.all(names.map(() => new HostileModern().start()));
    const groups = servers.map((server, n) => `[[upstream.groups.${names[n]}.servers]]\n${server.toml}`);
    const target = await Target.start(
      `
[middleware.timeout]
upstream = "2s"
request = "2500ms"
[upstream]
connect_timeout = "2s"
initialize_timeout = "2s"
${keys}
[upstream.circuit_breaker]
enabled = false
${groups.join('')}`,
    );
    const fronts = servers.map(async (server, n) => {
      const name = names[n] as string;
      return [name, await ModernFront.begin(target, server, `/mcp/${name}`)] as const;
    });
    return new ModernSiege(target, new Map(await Promise.all(fronts)));
  }

  front(name: string): ModernFront {
    return this.fronts.get(name) as ModernFront;
  }

  /** Ends it, and looks whether anything was given away. @param most how much the gateway may have grown, in MiB */
  async end(most = MAX_GROWTH_MIB): Promise<void> {
    try {
      await this.target.unharmed();
      expect(this.target.peakMemory - this.memory).toBeLessThan(most);
    } finally {
      for (const front of this.fronts.values()) front.end();
      await this.target.stop();
    }
  }
}

/** One hostile server, and one client of each era that want something of it. */
export class ModernFront {
  readonly target: Target;
  readonly server: HostileModern;
  readonly path: string;
  /** What the legacy client heard beside its answers. */
  readonly told: Json[] = [];
  private readonly client: WsClient;
  private readonly answers = new Map<unknown, Json[]>();
  private lastId = 0;

  private constructor(target: Target, server: HostileModern, path: string, client: WsClient) {
    this.target = target;
    this.server = server;
    this.path = path;
    this.client = client;
    client.socket.on('message', (data: Buffer) => this.take(data.toString()));
  }

  static async begin(target: Target, server: HostileModern, path: string): Promise<ModernFront> {
    return new ModernFront(target, server, path, await target.introduced('2025-11-25', path, DECLARED));
  }

  /** Asks as a legacy client over WebSocket does, and takes the first answer. */
  async legacy(method: string, params: Json = {}): Promise<Json> {
    const id = ++this.lastId;
    this.answers.set(id, []);
    this.client.send(request(method, id, params));
    return until(() => this.answers.get(id)?.[0], `the answer to ${method}`, ANSWER_MS);
  }

  /** Asks as a modern client over HTTP does. */
  async modern(method: string, params: Json = {}): Promise<Json> {
    const message = modern(method, ++this.lastId, params, { capabilities: DECLARED, progressToken: 'mine' });
    const { text, json } = await postModern(this.target, message, {}, this.path);
    this.target.heard(text);
    if (!text.startsWith('event:') && !text.startsWith('data:') && !text.startsWith(':')) return json;
    const said = text.split('\n').flatMap((line) => (line.startsWith('data: {') ? [line.slice(6)] : []));
    const replies = said.map((each) => JSON.parse(each) as Json).filter(({ id }) => id !== undefined);
    expect(replies).toHaveLength(1);
    return replies[0] as Json;
  }

  /** Listens as a modern client does; what is heard grows. */
  async listens(notifications: Json): Promise<{ readonly heard: readonly Json[]; close(): void }> {
    const message = listen('listen', notifications);
    const response = await this.target.open('POST', { path: this.path, ...postOf(message, headersOf(message)) });
    const stream = new EventStream(response);
    const heard: Json[] = [];
    response.on('data', () => {
      for (const { data } of stream.events.rest) if (data) heard.push(JSON.parse(data) as Json);
      stream.events.clear();
    });
    return { heard, close: () => response.destroy() };
  }

  /** What comes of a call that both clients make at once. */
  async outcomes(method = 'tools/call', params: Json = CALL): Promise<string[]> {
    const replies = await Promise.all([this.legacy(method, params), this.modern(method, params)]);
    return replies.map(outcomeOf);
  }

  /** Both are served again, and everything that was asked was answered once. */
  async recovered(withinMs = RECOVERY_MS): Promise<void> {
    const isFine = async (): Promise<boolean> => (await this.outcomes()).every((outcome) => outcome === 'ok');
    await until(isFine, 'good answers', withinMs);
    for (const [id, answers] of this.answers) expect(answers.length, `answers to ${String(id)}`).toBe(1);
    this.answers.clear();
  }

  /** The server does as told; then it behaves again. */
  async suffers(misdeeds: HostileModern['misdeeds'], method?: string, params?: Json): Promise<string[]> {
    this.server.misdeeds = misdeeds;
    const outcomes = await this.outcomes(method, params);
    this.server.misdeeds = {};
    await this.recovered();
    return outcomes;
  }

  end(): void {
    this.client.socket.terminate();
    this.server.stop();
  }

  private take(text: string): void {
    this.target.heard(text);
    const message = JSON.parse(text) as Json;
    if (message['method'] === undefined) return void this.answers.get(message['id'])?.push(message);
    this.told.push(message);
    if (message['id'] === undefined) return;
    this.client.send({ jsonrpc: '2.0', id: message['id'], result: { action: 'accept', content: {} } });
  }
}

const { name, arguments: given } = call('fine', 0)['params'] as Json;
const CALL = { name, arguments: given };
