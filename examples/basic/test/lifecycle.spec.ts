import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const SERVER = fileURLToPath(new URL('../src/server.ts', import.meta.url));

type ServerProcess = ChildProcessByStdio<Writable, Readable, Readable>;

describe('the life of the example server', () => {
  let server: ServerProcess;

  afterEach(() => void server.kill('SIGKILL'));

  it.each([
    ['the end of its input', () => void server.stdin.end()],
    ['SIGTERM', () => void server.kill('SIGTERM')],
  ])('ends with %s, even in the middle of a call', async (_reason, end) => {
    server = start();
    const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
    server.stdin.write(`${initialize()}\n${countDown()}\n`);
    await lines.next();
    await lines.next();

    const ended = once(server, 'exit');
    end();

    expect(await ended).toEqual([0, null]);
  });

  it('serves sessions and its health over HTTP, and ends with SIGTERM', async () => {
    server = start('--http', '0');
    const url = await address(server);
    const client = new Client({ name: 'spec', version: '0' });
    await client.connect(new StreamableHTTPClientTransport(url));

    const result = await client.callTool({ name: 'echo', arguments: { text: 'over HTTP' } });
    const health = await fetch(new URL('/health', url));

    expect(result.content).toEqual([{ type: 'text', text: 'over HTTP' }]);
    expect(await health.json()).toMatchObject({ status: 'ok' });

    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    await client.close();
  });

  it('refuses pages that reach it through another name', async () => {
    server = start('--http', '0');
    const url = await address(server);

    const { status } = await fetch(url, { method: 'POST', headers: { origin: 'http://evil.example' } });

    expect(status).toBe(403);
  });

  it('refuses a session it does not know', async () => {
    server = start('--http', '0');
    const url = await address(server);

    const { status } = await fetch(url, { method: 'POST', headers: { 'mcp-session-id': 'forgotten' } });

    expect(status).toBe(404);
  });
});

function start(...args: string[]): ServerProcess {
  return spawn(process.execPath, [SERVER, ...args], { stdio: 'pipe' });
}

async function address(server: ServerProcess): Promise<URL> {
  const [line] = (await once(createInterface(server.stderr), 'line')) as [string];
  return new URL(line.replace('listening on ', ''));
}

function initialize(): string {
  const clientInfo = { name: 'spec', version: '0' };
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
}

function countDown(): string {
  const params = { name: 'count_down', arguments: { interval_ms: 10_000 }, _meta: { progressToken: 'slow' } };
  return JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/call', params });
}
