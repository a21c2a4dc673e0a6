import type { GoldenServer } from './golden-server.ts';
import { headersIn } from './golden-http.ts';
import type { GoldenMemory } from './golden-memory.ts';
import type { Json } from './raw-clients.ts';
import type { AskedModern, ScriptedModern } from './scripted-modern.ts';
import { MODERN } from './modern.ts';
import { until } from './until.ts';

const ENVELOPE = ['protocolVersion', 'clientCapabilities'].map((name) => `"io.modelcontextprotocol/${name}":`);

const LISTEN = 'subscriptions/listen';

/** The upstream server of an exchange where that is a modern one: each request stands for itself. */
export class GoldenModern implements GoldenServer {
  /** By id as it is written. */
  private readonly asked = new Map<string, AskedModern>();

  constructor(
    private readonly server: ScriptedModern,
    private readonly memory: GoldenMemory,
  ) {
    server.forget();
  }

  async hears(how: string, said: string): Promise<void> {
    if (how === 'leaves') return this.latest.closed;
    const [target = '', headers = ''] = this.memory.filled(how).split(' | ');
    const [kind, method, name] = target.split(' ');
    if (kind !== 'M') throw new Error(`a modern server hears no ${kind}`);
    const asked = await this.server.next();
    this.memory.compare(asked.text, said);
    for (const key of ENVELOPE) expect(asked.text.split(key), `${key} once`).toHaveLength(2);
    this.asked.set(JSON.stringify(asked.id), asked);
    const wanted = { 'mcp-protocol-version': MODERN, 'mcp-method': method, 'mcp-name': name, ...headersIn(headers) };
    expect(mcpHeaders(asked.headers)).toEqual(mcpHeaders(wanted));
  }

  says(how: string, said: string): void {
    const [what = '', kind] = how.split(' ');
    if (what === 'listen') return this.tell(JSON.parse(said) as Json);
    if (what === 'sse' || kind === 'sse') return this.aboutOf(said).event(said);
    this.aboutOf(said).answer(Number(what), said);
  }

  get rest(): string[] {
    return this.server.unasked.map(({ text }) => text);
  }

  async over(): Promise<void> {
    const isOver = (): boolean => [...this.asked.values()].every(({ method, isOpen }) => method === LISTEN || !isOpen);
    await until(isOver, 'the requests to end', 5_000);
  }

  private get latest(): AskedModern {
    const latest = [...this.asked.values()].at(-1);
    if (!latest) throw new Error('nothing was asked');
    return latest;
  }

  /** The request that a reply is for; what is none belongs to the latest. */
  private aboutOf(said: string): AskedModern {
    const { id } = JSON.parse(said) as Json;
    return this.asked.get(JSON.stringify(id)) ?? this.latest;
  }

  private tell({ method, params }: Json): void {
    const listen = this.server.heardOf(LISTEN).findLast(({ isOpen }) => isOpen);
    if (!listen) throw new Error('nobody listens');
    listen.tell(String(method), params as Json | undefined);
  }
}

/** Those that say of a message what stands in it. */
function mcpHeaders(headers: Readonly<Record<string, unknown>>): Json {
  const entries = Object.entries(headers).filter(([name, value]) => /^mcp-/i.test(name) && value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
}
