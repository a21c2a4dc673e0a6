import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EPHEMERAL, startGateway, type RunningGateway } from './gateway.ts';
import type { GoldenTransport } from './golden-clients.ts';
import { Golden } from './golden.ts';
import { endpointAt, type Json } from './raw-clients.ts';
import { ScriptedModern, type ModernAnswer } from './scripted-modern.ts';
import { ScriptedSessions, type SessionsOptions } from './scripted-sessions.ts';
import type { UpstreamKind } from './scripted-upstream.ts';

/** The group `crm` with a modern server, the group `old` with a legacy one, or both. */
export interface BridgeOptions {
  readonly modern?: { readonly capabilities: Json; readonly answers: Readonly<Record<string, Json | ModernAnswer>> };
  readonly legacy?: SessionsOptions & { readonly kind: UpstreamKind };
  /** TOML that the configuration goes on with. */
  readonly toml?: string;
}

export interface Played {
  /** Over which the clients speak that are no more than a name. */
  readonly transport?: GoldenTransport;
  /** Methods that the server does not answer by itself. */
  readonly asked?: readonly string[];
}

interface Servers {
  readonly modern: ScriptedModern | undefined;
  readonly legacy: ScriptedSessions | undefined;
}

/**
 * A gateway in front of scripted servers of either era. Exchanges are played one after the other with the modern one, if
 * there is one, and otherwise with the legacy one.
 */
export class BridgeStage {
  private constructor(
    private readonly gateway: RunningGateway,
    private readonly folder: string,
    private readonly servers: Servers,
    private readonly options: BridgeOptions,
  ) {}

  get modern(): ScriptedModern | undefined {
    return this.servers.modern;
  }

  static async of(options: BridgeOptions): Promise<BridgeStage> {
    const modern = options.modern && (await ScriptedModern.start(options.modern.capabilities));
    const legacy = options.legacy && (await ScriptedSessions.start(options.legacy.kind, options.legacy));
    const folder = mkdtempSync(join(tmpdir(), 'golden-'));
    const groups = Object.entries({ crm: modern, old: legacy })
      .filter(([, server]) => server !== undefined)
      .map(([name, server]) => `[[upstream.groups.${name}.servers]]\n${server!.toml}\n`);
    if (modern) answer(modern, options);
    const server = EPHEMERAL.replace('[server]', `[server]\nunix_socket = "${folder}/socket"`);
    const gateway = await startGateway(`${server}\n[gateway]\nname = "gw"\n${options.toml ?? ''}\n${groups.join('')}`);
    await gateway.ready();
    return new BridgeStage(gateway, folder, { modern, legacy }, options);
  }

  async play(lines: string, { transport = 'streamable_http', asked = [] }: Played = {}): Promise<void> {
    const { gateway, folder } = this;
    const { modern, legacy } = this.servers;
    const upstream = modern ?? legacy!;
    for (const method of asked) {
      if (modern) modern.on(method, undefined);
      else delete legacy!.answers[method];
    }
    const stage = { endpoint: endpointAt(gateway.url), socket: join(folder, 'socket'), upstream, transport };
    try {
      await new Golden({ ...stage, lends: true }).play(lines.replaceAll(/^G> .*$/gm, introducing));
    } finally {
      if (modern) answer(modern, this.options);
      if (legacy) Object.assign(legacy.answers, this.options.legacy?.answers);
    }
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    await this.modern?.[Symbol.asyncDispose]();
    this.servers.legacy?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function answer(server: ScriptedModern, { modern }: BridgeOptions): void {
  for (const [method, how] of Object.entries(modern!.answers)) {
    server.on(method, typeof how === 'function' ? how : (asked) => asked.reply(how));
  }
}

/** Where nobody is named the gateway names itself. */
function introducing(line: string): string {
  if (line.includes('"clientInfo"')) return line;
  const self = '"clientInfo":{"name":"gw","version":"«version»"}';
  return line.replace(/@([EF])\+\{/, `@$1+{${self},`).replace(/@([EF])(?!\+)/, `@$1+{${self}}`);
}

/**
 * An exchange of a modern client over Streamable HTTP as it goes where one wire carries all messages: there are no
 * headers, and no statuses.
 */
export function onWire(lines: string): string {
  return `C> [A connects 2026-07-28] ∅\n${lines}`
    .replaceAll(/^C> \[M [^\]]*\]/gm, 'C> [A]')
    .replaceAll(/^G< \[(?:\d{3}|sse)[^\]]*\]/gm, 'G< [A]');
}
