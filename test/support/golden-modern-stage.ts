import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EPHEMERAL, startGateway, type RunningGateway } from './gateway.ts';
import { CRM_ANSWERS, CRM_CAPABILITIES, WIKI_ANSWERS } from './golden-modern-servers.ts';
import type { GoldenTransport } from './golden-clients.ts';
import { Golden } from './golden.ts';
import { modern, postModern } from './modern.ts';
import { endpointAt } from './raw-clients.ts';
import { ScriptedModern, type ModernAnswer } from './scripted-modern.ts';

/** An exchange of a modern client with its name, which begins with its number where it has one. */
export interface ModernExchange {
  readonly name: string;
  readonly lines: string;
  /** Where else it can be said: no header has a part in it, and no status. */
  readonly duplex?: readonly GoldenTransport[];
  /** Methods that the server crm does not answer by itself. */
  readonly asked?: readonly string[];
}

/** Where one wire carries all messages. */
export const DUPLEX: readonly GoldenTransport[] = ['websocket', 'sse', 'unix'];
/** Where it carries what is no message at all. */
export const FRAMES: readonly GoldenTransport[] = ['websocket', 'unix'];

/** A gateway in front of two modern servers over Streamable HTTP, crm and wiki. */
export class ModernStage {
  private constructor(
    readonly gateway: RunningGateway,
    readonly crm: ScriptedModern,
    private readonly wiki: ScriptedModern,
    private readonly folder: string,
  ) {}

  static async start(): Promise<ModernStage> {
    const crm = answering(await ScriptedModern.start(CRM_CAPABILITIES), CRM_ANSWERS);
    const wiki = answering(await ScriptedModern.start({ prompts: {} }), WIKI_ANSWERS);
    const folder = mkdtempSync(join(tmpdir(), 'golden-'));
    const gateway = await startGateway(`${EPHEMERAL.replace('[server]', `[server]\nunix_socket = "${folder}/socket"`)}
[gateway]
name = "gw"
instructions = "Tools are prefixed with crm__ or wiki__."
list_timeout = "300ms"
[upstream.reconnect]
min = "10s"
[[upstream.groups.crm.servers]]
${crm.toml}
[[upstream.groups.wiki.servers]]
${wiki.toml}
`);
    await gateway.ready();
    // Whoever changes a list has to know that it was shown.
    await postModern(endpointAt(gateway.url), modern('tools/list', 1));
    return new ModernStage(gateway, crm, wiki, folder);
  }

  play({ lines, asked = [] }: ModernExchange, transport?: GoldenTransport): Promise<void> {
    return this.asking(asked, () => this.golden(transport).play(transport ? onConnection(lines) : lines));
  }

  /** Does it while crm does not answer these methods by itself. */
  async asking(methods: readonly string[], act: () => Promise<void>): Promise<void> {
    for (const method of methods) this.crm.on(method, undefined);
    try {
      await act();
    } finally {
      answering(this.crm, CRM_ANSWERS);
    }
  }

  /** As when a server is shut down. */
  async loseCrm(): Promise<void> {
    await this.crm[Symbol.asyncDispose]();
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    await this.wiki[Symbol.asyncDispose]();
    await this.loseCrm();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private golden(transport: GoldenTransport = 'websocket'): Golden {
    const { gateway, crm: upstream } = this;
    const socket = join(this.folder, 'socket');
    const stop = (): void => void gateway.process.kill('SIGTERM');
    return new Golden({ endpoint: endpointAt(gateway.url), socket, upstream, transport, stop });
  }
}

function answering(server: ScriptedModern, answers: Readonly<Record<string, ModernAnswer>>): ScriptedModern {
  for (const [method, answer] of Object.entries(answers)) server.on(method, answer);
  return server;
}

/** The same exchange where no message has a header and no reply has a status. */
function onConnection(lines: string): string {
  return `C> [A connects 2026-07-28] ∅\n${lines}`
    .replaceAll(/^C> \[M [^\]]*\]/gm, 'C> [A]')
    .replaceAll(/^G< \[202\] ∅$/gm, '')
    .replaceAll(/^G< \[(?:\d{3}|sse)[^\]]*\]/gm, 'G< [A]')
    .replaceAll(/^(G< .*)"id":null,/gm, '$1');
}

/** Plays each exchange over Streamable HTTP and wherever else it can be played. */
export function playModern(exchanges: readonly ModernExchange[], stage: () => ModernStage): void {
  it.each(exchanges)('$name', (exchange) => stage().play(exchange));

  const said = exchanges.flatMap((exchange) => (exchange.duplex ?? []).map((over) => ({ ...exchange, over })));
  if (said.length > 0) it.each(said)('$name (over $over)', (exchange) => stage().play(exchange, exchange.over));
}
