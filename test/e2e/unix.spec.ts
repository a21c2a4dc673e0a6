import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { host, type Host } from '../fixtures/full-server/hosts.ts';
import { FullClient } from '../support/full-client.ts';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { LineClient } from '../support/line-client.ts';
import { UnixClientTransport } from '../support/unix-transport.ts';

describe('a unix socket', () => {
  let directory: string;
  let path: string;
  let upstream: Host;
  let gateway: RunningGateway;

  const start = async (): Promise<RunningGateway> => {
    const server = EPHEMERAL.replace('[server]', `[server]\nunix_socket = "${path}"`);
    gateway = await startGateway(`${server}\n[[upstream.groups.full.servers]]\n${upstream.toml}\n`);
    return gateway.ready();
  };

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'mcp-unix-'));
    path = join(directory, 'mcp.sock');
    upstream = await host('stdio');
  });

  afterAll(async () => {
    await gateway?.stop();
    await upstream?.[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  });

  it('serves the official SDK: calls, questions, progress', async () => {
    await start();
    expect(gateway.line('listening')?.['mcp_unix']).toBe(`unix:${path}`);
    await using client = await new FullClient('local').connect(new UnixClientTransport(path));
    expect(await client.call('full__echo', { text: 'héllo\n' })).toBe('héllo\n');
    expect(await client.call('full__sample', { prompt: 'hi' })).toContain('as local');
    const heard: number[] = [];
    const onprogress = ({ progress }: { progress: number }): void => void heard.push(progress);
    await client.sdk.callTool({ name: 'full__count', arguments: { to: 3 } }, undefined, { onprogress });
    // The SDK forgets progress that arrives together with the result; what it did hear must be right.
    expect(heard).toEqual([1, 2, 3].slice(0, heard.length));

    const { connections } = await gateway.json<{ connections: unknown[] }>('/api/v1/connections');
    expect(connections).toMatchObject([{ transport: 'unix', client_address: 'unix', client: 'local 1.0.0' }]);
    const metrics = await (await fetch(gateway.metricsUrl)).text();
    expect(metrics).toContain('mcp_gateway_connections_active{transport="unix"} 1');
  });

  it('outlives a crash, and does not outlive a stop', async () => {
    const client = await LineClient.introduced(path);
    await gateway.stop('SIGKILL');
    await client.closed;
    expect(existsSync(path)).toBe(true);

    await start();
    const again = await LineClient.introduced(path);
    expect(await gateway.stop()).toBe(0);
    await again.closed;
    expect(existsSync(path)).toBe(false);
  });

  it('is not taken from another gateway that listens there', async () => {
    await start();
    const port = gateway.url;
    await expect(startGateway(EPHEMERAL.replace('[server]', `[server]\nunix_socket = "${path}"`))).rejects.toThrow(
      'somebody listens there',
    );
    expect(gateway.url).toBe(port);
    await LineClient.introduced(path);
  });

  it('is refused in the configuration when it is no path, or its mode is none', async () => {
    for (const key of ['unix_socket = "mcp.sock"', 'unix_socket_mode = "rw"', 'unix_socket_mode = "0999"']) {
      await expect(startGateway(EPHEMERAL.replace('[server]', `[server]\n${key}`))).rejects.toThrow('must be');
    }
  });
});
