import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EPHEMERAL, startGateway, type RunningGateway } from './gateway.ts';
import { GOLDEN_TRANSPORTS, type GoldenTransport } from './golden-clients.ts';
import { Golden, type Stage } from './golden.ts';
import { endpointAt } from './raw-clients.ts';
import { ScriptedSessions } from './scripted-sessions.ts';
import { UPSTREAM_KINDS, type UpstreamKind } from './scripted-upstream.ts';

/** An exchange with its name, and where it can be played: everywhere, unless it says. */
export interface Exchange {
  readonly name: string;
  readonly lines: string;
  readonly downstream?: readonly GoldenTransport[];
  readonly upstream?: readonly UpstreamKind[];
  /** Methods that the upstream server does not answer by itself. */
  readonly asked?: readonly string[];
}

/** What does not hand out session ids, so that clients without capabilities share a session. */
export const CONNECTIONS: readonly UpstreamKind[] = ['stdio', 'ws', 'sse', 'unix'];
/** Where one stream carries everything. */
export const DUPLEX: readonly GoldenTransport[] = ['websocket', 'sse', 'unix'];

const TOOLS = ['export', 'merge', 'login', 'find'].map((name) => `{"name":"${name}","inputSchema":{"type":"object"}}`);

const ANSWERS = {
  'tools/list': `{"tools":[${TOOLS.join(',')}]}`,
  'logging/setLevel': '{}',
  'prompts/list': '{"prompts":[{"name":"summarise"}]}',
  'resources/templates/list': '{"resourceTemplates":[]}',
  'resources/list': ({ cursor }: Record<string, unknown>) =>
    cursor === ''
      ? '{"resources":[{"uri":"db://row/2","name":"r2"}]}'
      : '{"resources":[{"uri":"db://row/1","name":"r1"}],"nextCursor":""}',
};

const CAPABILITIES = {
  tools: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  prompts: { listChanged: true },
  logging: {},
  completions: {},
  tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
};

/** A gateway in front of one scripted server, on which exchanges are played one after the other. */
export class GoldenStage {
  private constructor(
    private readonly gateway: RunningGateway,
    private readonly upstream: ScriptedSessions,
    private readonly folder: string,
  ) {}

  static async of(kind: UpstreamKind, revision = '2025-11-25'): Promise<GoldenStage> {
    const upstream = await ScriptedSessions.start(kind, { revision, capabilities: CAPABILITIES, answers: ANSWERS });
    const folder = mkdtempSync(join(tmpdir(), 'golden-'));
    const gateway = await startGateway(`${EPHEMERAL.replace('[server]', `[server]\nunix_socket = "${folder}/socket"`)}
[gateway]
name = "gw"
[[upstream.groups.crm.servers]]
${upstream.toml}
`);
    await gateway.ready();
    return new GoldenStage(gateway, upstream, folder);
  }

  async play({ lines, asked = [] }: Exchange, transport: GoldenTransport): Promise<void> {
    const { answers } = this.upstream;
    const kept = asked.map((method) => [method, answers[method]!] as const);
    for (const method of asked) delete answers[method];
    try {
      await new Golden(this.stage(transport)).play(lines);
    } finally {
      Object.assign(answers, Object.fromEntries(kept));
    }
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    this.upstream.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private stage(transport: GoldenTransport): Stage {
    const { gateway, upstream } = this;
    return { endpoint: endpointAt(gateway.url), socket: join(this.folder, 'socket'), upstream, transport };
  }
}

/** Plays each exchange over every transport of both sides that it can be played over. */
export function playEverywhere(exchanges: readonly Exchange[]): void {
  describe.each(UPSTREAM_KINDS)('in front of a server over %s', (kind) => {
    const played = exchanges.filter(({ upstream = UPSTREAM_KINDS }) => upstream.includes(kind));
    let stage: GoldenStage;

    beforeAll(async () => {
      stage = await GoldenStage.of(kind);
    });

    afterAll(() => stage?.stop());

    describe.each(GOLDEN_TRANSPORTS)('to a client over %s', (transport) => {
      const here = played.filter(({ downstream = GOLDEN_TRANSPORTS }) => downstream.includes(transport));
      it.each(here)('$name', (exchange) => stage.play(exchange, transport));
    });
  });
}
