import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import { DownstreamApp } from '../../../test/support/downstream.js';
import { until } from '../../../test/support/until.js';
import { result } from '../../core/message.js';
import { ACKNOWLEDGED, readParams } from '../../protocol/index.js';

describe.each(['auto', { pin: '2026-07-28' }] as const)('the official client in mode %s', (mode) => {
  let app: DownstreamApp;
  let client: Client;

  beforeEach(async () => {
    app = await DownstreamApp.start();
    app.routes.capabilities = { tools: { listChanged: true } };
    client = new Client({ name: 'desk', version: '2' }, { versionNegotiation: { mode } });
    await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${app.port}/mcp`)));
  });
  afterEach(async () => {
    await client.close();
    await app.stop();
  });

  it('finds out that the gateway is modern, and calls a tool that reports progress', async () => {
    app.routes.handler = async (_, exchange) => {
      const params = readParams(Buffer.from(JSON.stringify({ progressToken: 9, progress: 1, total: 2 })));
      if (exchange.method === 'tools/list') return result({ tools: [{ name: 't', inputSchema: { type: 'object' } }] });
      exchange.deliver({ kind: 'notification', method: 'notifications/progress', params });
      return result({ content: [{ type: 'text', text: 'done' }] });
    };
    const progress: number[] = [];
    const called = await client.callTool(
      { name: 't', arguments: {} },
      { onprogress: (report) => progress.push(report.progress) },
    );
    expect(called).toMatchObject({ content: [{ type: 'text', text: 'done' }] });
    expect(progress).toEqual([1]);
    expect(app.routes.seen.at(-1)!.exchange.peer).toMatchObject({
      era: 'modern',
      info: { name: 'desk', version: '2' },
    });
    expect(app.connections).toEqual([]);
  });

  it('listens, hears of changes, and is told when the gateway stops', async () => {
    app.routes.handler = (_, exchange) => {
      const params = readParams(Buffer.from('{"notifications":{"toolsListChanged":true}}'));
      exchange.deliver({ kind: 'notification', method: ACKNOWLEDGED, params });
      return new Promise(() => undefined);
    };
    let heard = 0;
    client.setNotificationHandler('notifications/tools/list_changed', () => void heard++);
    await client.listen({ toolsListChanged: true });
    const { exchange } = app.routes.seen.at(-1)!;
    exchange.deliver({ kind: 'notification', method: 'notifications/tools/list_changed', params: undefined });
    await until(() => heard === 1, 'the client to hear of it');
    expect(await app.downstream.drain(10_000)).toBe(true);
    expect(exchange.signal.aborted).toBe(true);
  });
});
