import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import {
  EPHEMERAL,
  ROOT,
  startGateway,
  type GatewayOptions,
  type LogLine,
  type RunningGateway,
} from '../../support/gateway.ts';
import { Endpoint, initialize, request, type WsClient } from '../../support/raw-clients.ts';
import { until } from '../../support/until.ts';

/** The bundled example server behind the gateway, reached the way most people reach theirs. */
export const EXAMPLE = `
[[upstream.groups.default.servers]]
command = "node"
args = ["examples/basic/src/server.ts"]
`;

/** What must never be said or logged: a stack, a path of this machine, anything that a test marked as secret. */
const LEAKS = [/\n\s+at \S/, /\\n\s+at \S/, /node:internal/, /node_modules/, /\.c?[jt]s:\d+/, /canary-/, /\/tmp\//];

export interface RawAnswer {
  readonly text: string;
  readonly closed: boolean;
}

interface TargetOptions extends GatewayOptions {
  /** Servers that have to be up before the attack; all unless it is said. */
  readonly awaited?: readonly string[];
  /** Headers that let the known good client in. */
  readonly pass?: Readonly<Record<string, string>>;
}

/** The running gateway under attack, with a known good client that must never notice. */
export class Target extends Endpoint {
  private readonly seen: string[] = [];
  private linesSeen: number;

  private constructor(
    readonly gateway: RunningGateway,
    private readonly good: { readonly client: WsClient },
    protected override readonly pass: Readonly<Record<string, string>>,
  ) {
    super();
    this.linesSeen = gateway.lines.length;
  }

  /** @param toml tables of `[server]` must not be opened again: give its keys as `server` */
  static async start(
    toml: string = EXAMPLE,
    server = '',
    { awaited, pass = {}, ...options }: TargetOptions = {},
  ): Promise<Target> {
    const gateway = await startGateway(EPHEMERAL.replace('[server]', `[server]\n${server}`) + toml, options);
    if (!awaited) {
      await gateway.ready().catch(async (late: unknown) => {
        await gateway.stop('SIGKILL');
        throw late;
      });
    }
    for (const id of awaited ?? []) {
      await until(
        async () => (await gateway.json(`/api/v1/upstreams/${id}/status`))['state'] === 'up',
        `${id} to be up`,
      );
    }
    return Target.over(gateway, pass);
  }

  /** The same with a gateway that runs already. */
  static async over(gateway: RunningGateway, pass: Readonly<Record<string, string>> = {}): Promise<Target> {
    const good: { client?: WsClient } = {};
    const target = new Target(gateway, good as { client: WsClient }, pass);
    good.client = await target.introduced();
    return target;
  }

  get port(): number {
    return Number(new URL(this.gateway.url).port);
  }

  override get secure(): boolean {
    return this.gateway.url.startsWith('https:');
  }

  /** Sends bytes as they are and gathers what comes until the connection is closed, or for so long. */
  async raw(bytes: string | Buffer | readonly (string | Buffer)[], withinMs = 1_000): Promise<RawAnswer> {
    const { port, secure } = this;
    const socket = secure ? connectTls({ port, host: '127.0.0.1' }) : connect(port, '127.0.0.1');
    const answer = gather(socket, withinMs);
    await once(socket, secure ? 'secureConnect' : 'connect');
    for (const part of Array.isArray(bytes) ? bytes : [bytes]) socket.write(part as Buffer);
    const { text, closed } = await answer;
    this.heard(text);
    return { text, closed };
  }

  /** Notes something the gateway said, to be looked through by `unharmed`. */
  heard(text: string): string {
    this.seen.push(text);
    return text;
  }

  /** Log lines of that kind, as soon as there are any. */
  async logged(matches: (line: LogLine) => boolean): Promise<string[]> {
    await until(() => this.gateway.lines.some(matches), 'the log line');
    return this.gateway.lines.filter(matches).map((line) => Object.values(line).join('|'));
  }

  /** Resident memory of the gateway in MiB. */
  get memory(): number {
    return this.statusOf('VmRSS');
  }

  /** The most there was since `forgetPeak`. */
  get peakMemory(): number {
    return this.statusOf('VmHWM');
  }

  forgetPeak(): void {
    writeFileSync(`/proc/${this.gateway.pid}/clear_refs`, '5');
  }

  /** Milliseconds that the known good client waits for its answer. */
  async pinged(): Promise<number> {
    const began = performance.now();
    expect(await this.good.client.ask(request('ping', 'good'))).toEqual({ jsonrpc: '2.0', id: 'good', result: {} });
    return performance.now() - began;
  }

  /** The known good client is answered within a second, and nothing that was said or logged gives anything away. */
  async unharmed(): Promise<void> {
    expect(await this.pinged()).toBeLessThan(1_000);
    const logged = this.gateway.lines.slice(this.linesSeen).map((line) => JSON.stringify(line));
    this.linesSeen = this.gateway.lines.length;
    const everything = [...this.seen.splice(0), ...logged, ...this.gateway.stderr].join('\n');
    for (const leak of [...LEAKS, ROOT, this.gateway.directory]) expect(everything).not.toMatch(leak);
    expect(this.gateway.process.exitCode).toBe(null);
  }

  async stop(): Promise<void> {
    this.good.client.socket.terminate();
    await this.gateway.stop();
  }

  private statusOf(field: string): number {
    const status = readFileSync(`/proc/${this.gateway.pid}/status`, 'utf8');
    return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024;
  }
}

/** What a socket says until it is closed, or for so long. */
export async function gather(socket: Socket, withinMs: number): Promise<RawAnswer> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  const closed = await new Promise<boolean>((resolve) => {
    const patience = setTimeout(() => resolve(false), withinMs);
    socket.once('close', () => {
      clearTimeout(patience);
      resolve(true);
    });
  });
  socket.destroy();
  return { text, closed };
}

/** The statuses of all responses in a text. */
export function statusesOf(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

/** An `initialize`. */
export const INTRODUCTION = JSON.stringify(initialize());
