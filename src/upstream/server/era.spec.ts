import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { Logger } from '@nestjs/common';

import { scriptedHttp, scriptedWebSocket } from '../../../test/contracts/upstream/scripted-servers.js';
import { exchangeWith } from '../../../test/support/exchanges.js';
import { ForgetfulServer } from '../../../test/support/forgetful-server.js';
import { freePort } from '../../../test/support/free-port.js';
import { TestHolder } from '../../../test/support/holders.js';
import { LoginServer } from '../../../test/support/login-server.js';
import { MODERN_HOSTS, modernHost, type ModernHost } from '../../../test/support/modern-server.js';
import { ScriptedModern } from '../../../test/support/scripted-modern.js';
import { send, UpstreamBench } from '../../../test/support/upstream-bench.js';
import { until } from '../../../test/support/until.js';
import { McpRequest } from '../../core/message.js';
import { systemClock } from '../../system-clock.js';
import type { Group, ServerConfig } from '../index.js';

const EXAMPLE = join(import.meta.dirname, '../../../examples/basic/src/server.ts');

const LIST = new McpRequest('tools/list', undefined);

let bench: UpstreamBench;
let undo: (() => unknown)[];

beforeEach(async () => {
  Logger.overrideLogger(false);
  bench = await UpstreamBench.create();
  undo = [];
});

afterEach(async () => {
  await bench.close();
  for (const each of undo) await each();
});

function disposed<T extends AsyncDisposable>(server: T): T {
  undo.push(() => server[Symbol.asyncDispose]());
  return server;
}

/** How the server of that name in TOML is configured. */
function configOf({ toml, url }: ModernHost): Partial<ServerConfig> {
  if (url !== '') return { url, era: 'auto' };
  const args = JSON.parse(/^args = (.*)$/m.exec(toml)?.[1] ?? '[]') as string[];
  return { command: process.execPath, args, era: 'auto' };
}

async function upWith(config: Partial<ServerConfig>): Promise<Group> {
  const group = await bench.start([{ era: 'auto', ...config }]);
  await bench.up(group, 1);
  return group;
}

async function textOf(group: Group, name: string, args: object = {}): Promise<unknown> {
  const { json } = await send(group, 'tools/call', { name, arguments: args }, { exchange: patient() });
  return (json.object()['content'] as { text: string }[])[0]?.text;
}

function patient() {
  return exchangeWith({ deadline: systemClock.now() + 20_000 });
}

describe.each(MODERN_HOSTS)('a server of the official SDK over %s', (kind) => {
  it.each([false, true])('that speaks the modern era is spoken to in it (legacy as well: %s)', async (dual) => {
    const host = disposed(await modernHost(kind, { dual }));
    const group = await upWith(configOf(host));

    expect(group.peer).toMatchObject({ era: 'modern', revision: '2026-07-28' });
    expect([group.era, group.knowsOrigin]).toEqual(['modern', kind === 'streamable_http']);
    expect(await textOf(group, 'echo', { text: 'hello' })).toBe('hello');
    expect(bench.names('server.introduced')).toEqual([
      { group: 'crm', server: 'crm-1', era: 'modern', revision: '2026-07-28' },
    ]);
  });

  it('shows its progress to the call that it is of, and stops what is cancelled', async () => {
    const host = disposed(await modernHost(kind));
    const group = await upWith(configOf(host));
    const counting = { ...patient(), wantsProgress: true };
    await send(group, 'tools/call', { name: 'count', arguments: { to: 3 } }, { exchange: counting });
    expect(counting.delivered.map((message) => message.params?.object()['progress'])).toEqual([1, 2, 3]);

    const abort = new AbortController();
    const exchange = { ...patient(), signal: abort.signal };
    const waiting = send(group, 'tools/call', { name: 'wait' }, { exchange }).catch((thrown: unknown) => thrown);
    await textOf(group, 'echo', { text: 'x' });
    abort.abort();

    expect(await waiting).toMatchObject({ code: 'exchange_cancelled' });
    if (kind !== 'stdio') await until(() => host.server.cancelled === 1, 'the server to hear of it');
  });

  it('has no sessions, whoever sends', async () => {
    const group = await upWith(configOf(disposed(await modernHost(kind))));
    const holder = new TestHolder('a');
    await send(group, 'tools/list', {}, { exchange: patient(), holder });

    expect(bench.names('upstream_session.opened')).toEqual([]);
    expect(group.keepsSessions).toBe(false);
  });
});

describe('replicas of both eras', () => {
  it('make a group of neither, in which only legacy ones have sessions for anybody', async () => {
    const modern = configOf(disposed(await modernHost('streamable_http')));
    const group = await bench.start([
      { id: 'new', ...modern },
      { id: 'old', era: 'auto', command: process.execPath, args: [EXAMPLE] },
    ]);
    await bench.up(group, 2);
    expect([group.era, group.knowsOrigin]).toEqual(['mixed', false]);

    const deadline = systemClock.now() + 20_000;
    const ask = (preferred: string, holder?: TestHolder) => group.ask(LIST, { deadline, preferred, holder });
    const holder = new TestHolder('a');
    expect(await ask('new', holder)).toMatchObject({ server: 'new', isOwn: false });
    expect(await ask('old')).toMatchObject({ server: 'old', isOwn: false });
    expect(await ask('old', holder)).toMatchObject({ server: 'old', isOwn: true });
  });
});

describe('a legacy server', () => {
  it('over stdio is asked once, and goes on where it was', async () => {
    const group = await upWith({ command: process.execPath, args: [EXAMPLE] });

    expect(group.peer).toMatchObject({ era: 'legacy', revision: '2025-11-25' });
    expect([group.era, group.knowsOrigin]).toEqual(['legacy', false]);
    expect(await textOf(group, 'echo', { text: 'hello' })).toBe('hello');
  });

  it('over WebSocket is introduced on the same connection', async () => {
    const server = await scriptedWebSocket();
    undo.push(() => server.stop());
    await upWith(server.settings);

    expect(server.peer.executed.slice(0, 2)).toEqual(['server/discover', 'initialize']);
    expect(server.clients.size).toBe(1);
  });

  it('over HTTP with sessions is found by its refusal', async () => {
    const server = await LoginServer.start();
    undo.push(() => server.stop());
    const group = await upWith({ url: server.url });

    expect(group.peer?.era).toBe('legacy');
    expect([group.keepsSessions, group.knowsOrigin]).toEqual([true, true]);
  });

  it('over HTTP is not asked again when it forgets its sessions', async () => {
    const server = disposed(await ForgetfulServer.start());
    const group = await upWith({ url: server.url });
    server.forget();
    await send(group, 'tools/list', {}, { exchange: patient() });

    expect([server.count('server/discover'), server.count('initialize')]).toEqual([1, 2]);
  });

  it.each([
    ['ends', 'process.exit(1)'],
    ['says nothing', 'process.stdin.once("end", () => process.exit())'],
  ])('over stdio that %s when it is asked is started once more, and that is no loss', async (_, reaction) => {
    const hello = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'x', version: '1' } };
    const script = `require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const { id, method } = JSON.parse(line);
      if (method === "server/discover") ${reaction};
      else if (id) console.log(JSON.stringify({ jsonrpc: "2.0", id, result: ${JSON.stringify(hello)} }));
    })`;
    const config = { command: process.execPath, args: ['-e', script], era: 'auto' } as const;
    const group = await bench.start([config], { initializeTimeout: 1_000 });
    await bench.up(group, 1);

    expect(group.peer?.era).toBe('legacy');
    expect(bench.names('server.changed')).toEqual([
      expect.objectContaining({ state: expect.objectContaining({ kind: 'connecting' }) }),
      expect.objectContaining({ state: expect.objectContaining({ kind: 'up' }) }),
    ]);
  });
});

describe('a server over HTTP that cannot be asked', () => {
  it.each([401, 503])('because it answers %s is tried again until it can', async (status) => {
    let refusing = true;
    let refused = 0;
    const modern = disposed(await modernHost('streamable_http'));
    const front = await frontOf(modern.url, () => (refusing && ++refused > 0 ? status : undefined));
    const group = await bench.start([{ url: front, era: 'auto' }]);
    await until(() => refused > 1, 'it to be tried again');
    expect(group.peer).toBeUndefined();
    refusing = false;

    await bench.up(group, 1);
    expect(group.peer?.era).toBe('modern');
  });

  /** Passes requests on, but for those that get a status. */
  async function frontOf(url: string, refusal: () => number | undefined): Promise<string> {
    const http: Server = createServer((request, response) => {
      const status = refusal();
      if (status !== undefined) {
        response.writeHead(status).end();
        return;
      }
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const headers = request.headers as Record<string, string>;
        delete headers['content-length'];
        const passOn = async (): Promise<void> => {
          const answer = await fetch(url, { method: 'POST', headers, body: Buffer.concat(chunks) });
          response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
          response.end(await answer.text());
        };
        // The server may stop before it has answered all.
        passOn().catch(() => response.destroy());
      });
    });
    undo.push(() => {
      http.closeAllConnections();
      http.close();
    });
    await once(http.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
  }
});

describe('a server that becomes another', () => {
  it('is modern from its restart on', async () => {
    const port = await freePort();
    const legacy = await scriptedHttp(port);
    const group = await upWith({ url: `http://127.0.0.1:${port}/mcp` });
    expect(group.era).toBe('legacy');
    await legacy.stop();
    const gone = send(group, 'tools/list', {}, { exchange: patient() }).catch((thrown: unknown) => thrown);
    await until(() => group.view().servers[0]?.state.kind === 'connecting', 'the loss to be seen');
    disposed(await modernHost('streamable_http', { port }));
    await gone;
    await until(() => group.era === 'modern', 'the modern server');

    expect(await textOf(group, 'echo', { text: 'hello' })).toBe('hello');
  });

  it('is legacy from the first request on that it does not understand, and gets it then', async () => {
    const server = disposed(await ScriptedModern.start());
    const group = await upWith({ url: server.url });
    const refuse = (asked: { error(code: number, message: string, data?: object, status?: number): void }) =>
      asked.error(-32022, 'no', { supported: ['2025-11-25'], requested: '2026-07-28' }, 400);
    server.on('server/discover', refuse).on('tools/call', refuse);
    server.on('initialize', (asked) => {
      server.on('tools/call', (legacy) => legacy.reply('{"content":[{"type":"text","text":"legacy"}]}'));
      asked.reply('{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"x","version":"1"}}');
    });

    expect(await textOf(group, 'anything')).toBe('legacy');
    expect(server.heardOf('tools/call')).toHaveLength(2);
    expect(group.era).toBe('legacy');
  });

  it('is not sent a request a third time', async () => {
    const server = disposed(await ScriptedModern.start());
    const group = await upWith({ url: server.url });
    server.on('tools/call', (asked) => asked.error(-32022, 'no', { supported: [] }, 400));

    await expect(textOf(group, 'anything')).rejects.toMatchObject({ code: 'upstream_protocol_error' });
    expect(server.heardOf('tools/call')).toHaveLength(2);
  });
});
