import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { host, type Host } from '../fixtures/full-server/hosts.ts';
import { FullClient } from '../support/full-client.ts';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { endpointAt } from '../support/raw-clients.ts';
import { SseClient } from '../support/sse-client.ts';
import { until } from '../support/until.ts';

const HELLO =
  '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2024-11-05","capabilities":{},"clientInfo":{"name":"old","version":"0.1"}}}';

/** One socket, and all that came on it. */
class RawSocket {
  text = '';

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
    socket.on('error', () => undefined);
  }

  static async open(port: number): Promise<RawSocket> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawSocket(socket);
  }

  /** Writes a request and takes what it is answered with, up to where that matches. */
  async says(lines: readonly string[], answer: RegExp): Promise<RegExpExecArray> {
    this.text = '';
    this.socket.write(lines.join('\r\n'));
    return this.hears(answer);
  }

  hears(answer: RegExp): Promise<RegExpExecArray> {
    return until(() => answer.exec(this.text), `${answer} in ${JSON.stringify(this.text)}`);
  }

  close(): void {
    this.socket.destroy();
  }
}

describe('HTTP+SSE', () => {
  let gateway: RunningGateway;
  let upstream: Host;
  let port: number;

  beforeAll(async () => {
    upstream = await host('stdio');
    gateway = await startGateway(`${EPHEMERAL}\n[[upstream.groups.full.servers]]\n${upstream.toml}\n`);
    await gateway.ready();
    port = Number(new URL(gateway.url).port);
  });

  afterAll(async () => {
    await gateway?.stop();
    await upstream?.[Symbol.asyncDispose]();
  });

  const post = (target: string, body: string, ...headers: string[]): string[] => [
    `POST ${target} HTTP/1.1`,
    'Host: localhost',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
    '',
    body,
  ];

  it('is on the wire as 2024-11-05 wants it', async () => {
    const stream = await RawSocket.open(port);
    const opened = await stream.says(
      ['GET /sse HTTP/1.1', 'Host: localhost', 'Accept: text/event-stream', '', ''],
      /^HTTP\/1\.1 200 OK\r\n(?<headers>[\s\S]*?)\r\n\r\n\w+\r\nevent: endpoint\ndata: (?<endpoint>\/messages\?sessionId=[\w-]{32})\n\n\r\n$/,
    );
    expect(opened.groups!['headers']!.toLowerCase()).toMatch(/content-type: text\/event-stream\r\n/);
    const { endpoint } = opened.groups as { endpoint: string };

    const client = await RawSocket.open(port);
    const taken = /^HTTP\/1\.1 202 Accepted\r\n[\s\S]*content-length: 0\r\n[\s\S]*\r\n\r\n$/i;
    await client.says(post(endpoint, HELLO), taken);
    const reply = await stream.hears(/event: message\ndata: (\{.*\})\n\n/);
    expect(JSON.parse(reply[1]!)).toMatchObject({ id: 1, result: { protocolVersion: '2024-11-05' } });

    await client.says(post(endpoint, '{"jsonrpc":"2.0","method":"notifications/initialized"}'), taken);
    const nowhere = /^HTTP\/1\.1 404 Not Found\r\n[\s\S]*content-length: 0\r\n[\s\S]*\r\n\r\n$/i;
    await client.says(post('/messages?sessionId=nope', '{"jsonrpc":"2.0","id":2,"method":"ping"}'), nowhere);
    await client.says(post(endpoint, '{oops'), /^HTTP\/1\.1 400 [\s\S]*-32700/);
    await client.says(post(endpoint, '[{"jsonrpc":"2.0","id":2,"method":"ping"}]'), /^HTTP\/1\.1 400 [\s\S]*-32600/);
    await client.says(post(endpoint, '{}', 'Origin: http://evil.example'), /^HTTP\/1\.1 403 /);

    stream.close();
    await until(async () => (await connections()).length === 0, 'the session to end');
    await client.says(post(endpoint, '{"jsonrpc":"2.0","id":3,"method":"ping"}'), nowhere);
    client.close();
  });

  it('serves the official SDK: calls, questions, progress', async () => {
    await using client = await new FullClient('old').connect(new SSEClientTransport(new URL('/sse', gateway.url)));
    expect(await client.call('full__echo', { text: 'héllo\n' })).toBe('héllo\n');
    expect(await client.call('full__sample', { prompt: 'hi' })).toContain('as old');
    expect(await client.call('full__ask')).toContain('old');

    const heard: number[] = [];
    const onprogress = ({ progress }: { progress: number }): void => void heard.push(progress);
    await client.sdk.callTool({ name: 'full__count', arguments: { to: 3 } }, undefined, { onprogress });
    // The SDK forgets progress that arrives together with the result; what it did hear must be right.
    expect(heard).toEqual([1, 2, 3].slice(0, heard.length));
    const [connection] = await connections();
    expect(connection).toMatchObject({ transport: 'sse', route: 'mcp', client: 'old 1.0.0', revision: '2025-11-25' });
    const metrics = await (await fetch(gateway.metricsUrl)).text();
    expect(metrics).toContain('mcp_gateway_connections_active{transport="sse"} 1');
  });

  it('is what clients fall back to that look for Streamable HTTP first', async () => {
    const url = new URL('/sse/full', gateway.url);
    const newer = new FullClient('newer');
    await expect(newer.connect(new StreamableHTTPClientTransport(url))).rejects.toMatchObject({ code: 405 });
    await using client = await new FullClient('newer').connect(new SSEClientTransport(url));
    expect(await client.call('echo', { text: 'x' })).toBe('x');
  });

  it('is announced, and ends with the gateway after the last answer', async () => {
    const brief = await startGateway(`${EPHEMERAL}\n[[upstream.groups.full.servers]]\n${upstream.toml}\n`);
    await brief.ready();
    const sse = String(brief.line('listening')?.['mcp_sse']);
    expect(sse).toBe(brief.url.replace(/mcp$/, 'sse'));
    const client = await SseClient.introduced(endpointAt(sse));
    expect(await brief.stop()).toBe(0);
    await client.closed;
  });

  const connections = async (): Promise<Record<string, unknown>[]> =>
    (await gateway.json<{ connections: Record<string, unknown>[] }>('/api/v1/connections')).connections;
});
