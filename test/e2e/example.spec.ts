import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { CLIENT_TRANSPORTS, connect, textOf } from '../support/clients.ts';
import { ROOT, startGateway, type RunningGateway } from '../support/gateway.ts';

/** What `npm start` serves, driven by the official SDK client. */
describe.each(CLIENT_TRANSPORTS)('the shipped configuration over %s', (transport) => {
  let gateway: RunningGateway;
  let client: Client;

  beforeAll(async () => {
    const shipped = readFileSync(join(ROOT, 'config/gateway.toml'), 'utf8');
    gateway = await startGateway(shipped, { env: { MCP_GATEWAY_PORT: '0', MCP_GATEWAY__METRICS__PORT: '0' } });
    client = await connect(gateway, transport);
  });

  afterAll(async () => {
    await client?.close();
    await gateway?.stop();
  });

  it('introduces the gateway with what the example server offers', () => {
    expect(client.getServerVersion()?.name).toBe('mcp-gateway');
    expect(client.getServerCapabilities()).toMatchObject({ tools: {}, resources: {}, prompts: {}, completions: {} });
  });

  it('lists and calls tools under their own names', async () => {
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toContain('echo');

    const result = await client.callTool({ name: 'echo', arguments: { text: 'hello' } });
    expect(textOf(result)).toContain('hello');
  });

  it('keeps structured content and its schema', async () => {
    const result = await client.callTool({ name: 'add', arguments: { a: 2, b: 3 } });
    expect(result.structuredContent).toMatchObject({ sum: 5 });
  });

  it('answers an unknown tool with the invalid params code and a wrong argument with a tool error', async () => {
    await expect(client.callTool({ name: 'nope', arguments: {} })).rejects.toMatchObject({ code: -32602 });

    const result = await client.callTool({ name: 'add', arguments: { a: 'two', b: 3 } });
    expect(result.isError).toBe(true);
  });

  it('lists and reads resources, templates and their completions', async () => {
    const { resources } = await client.listResources();
    expect(resources.map((resource) => resource.uri)).toContain('note://welcome');
    const { contents } = await client.readResource({ uri: 'note://welcome' });
    expect(contents[0]?.uri).toBe('note://welcome');

    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map((template) => template.uriTemplate)).toContain('note://{name}');
    const { completion } = await client.complete({
      ref: { type: 'ref/resource', uri: 'note://{name}' },
      argument: { name: 'name', value: 'w' },
    });
    expect(completion.values).toContain('welcome');
  });

  it('answers a missing resource with the code of its revision', async () => {
    await expect(client.readResource({ uri: 'note://unknown' })).rejects.toMatchObject({ code: -32002 });
  });

  it('lists and gets prompts', async () => {
    const { prompts } = await client.listPrompts();
    expect(prompts.map((prompt) => prompt.name)).toContain('greet');
    const { messages } = await client.getPrompt({ name: 'greet', arguments: { name: 'Ada' } });
    expect(JSON.stringify(messages)).toContain('Ada');
  });

  it('relays progress in order and before the result', async () => {
    const seen: number[] = [];
    await client.callTool({ name: 'count_down', arguments: { from: 5, interval_ms: 20 } }, undefined, {
      onprogress: ({ progress }) => seen.push(progress),
    });
    expect(seen.length).toBeGreaterThanOrEqual(4);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  it('relays a cancellation to the server', async () => {
    const stop = new AbortController();
    const started = Promise.withResolvers<void>();
    const call = client.callTool({ name: 'count_down', arguments: { from: 500, interval_ms: 20 } }, undefined, {
      signal: stop.signal,
      onprogress: () => started.resolve(),
    });
    await started.promise;
    stop.abort('enough');

    await expect(call).rejects.toThrow();
    await client.ping();
    const { groups } = await gateway.json<{ groups: { servers: { pending: number }[] }[] }>('/api/v1/upstreams');
    expect(groups[0]?.servers[0]?.pending).toBe(0);
  });

  it('sets the log level', async () => {
    await expect(client.setLoggingLevel('warning')).resolves.toEqual({});
  });
});
