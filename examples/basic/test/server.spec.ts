import { fileURLToPath } from 'node:url';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { LoggingMessageNotificationSchema, type Progress } from '@modelcontextprotocol/sdk/types.js';

const SERVER = fileURLToPath(new URL('../src/server.ts', import.meta.url));

describe('the example server over stdio', () => {
  let client: Client;

  beforeAll(async () => {
    client = new Client({ name: 'spec', version: '0' });
    const env = { INSTANCE_ID: 'replica-1' };
    await client.connect(new StdioClientTransport({ command: process.execPath, args: [SERVER], env }));
  });

  afterAll(() => client.close());

  it('introduces itself', () => {
    expect(client.getServerVersion()).toMatchObject({ name: 'basic' });
    expect(client.getInstructions()).toContain('server_info');
  });

  it('lists tools that say they are harmless', async () => {
    const { tools } = await client.listTools();

    expect(tools.map(({ name }) => name)).toEqual(['echo', 'add', 'get_time', 'count_down', 'server_info']);
    expect(tools.every(({ annotations }) => annotations?.readOnlyHint)).toBe(true);
  });

  it('echoes', async () => {
    const result = await client.callTool({ name: 'echo', arguments: { text: 'Grüße 👋' } });

    expect(result.content).toEqual([{ type: 'text', text: 'Grüße 👋' }]);
  });

  it('answers with structured content', async () => {
    const { structuredContent } = await client.callTool({ name: 'add', arguments: { a: 2, b: 40 } });

    expect(structuredContent).toEqual({ sum: 42 });
  });

  it('tells the time where it is asked to', async () => {
    const { structuredContent } = await client.callTool({ name: 'get_time', arguments: { timezone: 'Asia/Tokyo' } });
    const { local, utc } = structuredContent as { local: string; utc: string };

    // Tokyo is nine hours ahead all year; both values leave out the same fraction of a second.
    expect(Date.parse(`${local.replace(' ', 'T')}+09:00`)).toBe(Math.floor(Date.parse(utc) / 1000) * 1000);
  });

  it('answers an unknown time zone with a tool error', async () => {
    const result = await client.callTool({ name: 'get_time', arguments: { timezone: 'Nowhere/Land' } });

    expect(result.isError).toBe(true);
  });

  it('says which replica it is', async () => {
    const { structuredContent } = await client.callTool({ name: 'server_info' });

    expect(structuredContent).toMatchObject({ instance: 'replica-1', node: process.version });
  });

  it('reports progress', async () => {
    const seen: Progress[] = [];
    const call = { name: 'count_down', arguments: { from: 3, interval_ms: 20 } };

    await client.callTool(call, undefined, { onprogress: (progress) => seen.push(progress) });

    expect(seen.map(({ progress, total }) => `${progress}/${total}`)).toEqual(['1/3', '2/3', '3/3']);
  });

  it('logs what it does to whoever wants to hear it', async () => {
    const heard: unknown[] = [];
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void heard.push(params.data));
    const call = { name: 'count_down', arguments: { from: 1, interval_ms: 0 } };

    await client.setLoggingLevel('error');
    await client.callTool(call);
    await client.setLoggingLevel('info');
    await client.callTool(call);

    expect(heard).toEqual(['from 1']);
  });

  it('stops counting when it is cancelled', async () => {
    const cancelling = new AbortController();
    const call = { name: 'count_down', arguments: { from: 100, interval_ms: 10_000 } };

    const counting = client.callTool(call, undefined, {
      signal: cancelling.signal,
      onprogress: () => cancelling.abort('enough'),
    });

    await expect(counting).rejects.toThrow('enough');
  });

  it('lists its notes and the template they are made of', async () => {
    const { resources } = await client.listResources();
    const { resourceTemplates } = await client.listResourceTemplates();

    expect(resources.map(({ uri }) => uri)).toContain('note://welcome');
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(['note://{name}']);
  });

  it('reads a note', async () => {
    const { contents } = await client.readResource({ uri: 'note://welcome' });

    expect(contents).toMatchObject([{ uri: 'note://welcome', mimeType: 'text/markdown' }]);
  });

  it('refuses a note that does not exist', async () => {
    await expect(client.readResource({ uri: 'note://constructor' })).rejects.toMatchObject({ code: -32002 });
  });

  it('completes the names of notes and the arguments of prompts', async () => {
    const note = await client.complete({
      ref: { type: 'ref/resource', uri: 'note://{name}' },
      argument: { name: 'name', value: 'wel' },
    });
    const style = await client.complete({
      ref: { type: 'ref/prompt', name: 'greet' },
      argument: { name: 'style', value: 'c' },
    });

    expect(note.completion.values).toEqual(['welcome']);
    expect(style.completion.values).toEqual(['casual', 'cheerful']);
  });

  it.each([
    { args: { name: 'Ada', style: 'formal' }, text: 'Write a formal greeting for Ada, in one sentence.' },
    { args: { name: 'Ada' }, text: 'Write a friendly greeting for Ada, in one sentence.' },
  ])('fills in a prompt: $text', async ({ args, text }) => {
    const { messages } = await client.getPrompt({ name: 'greet', arguments: args });

    expect(messages).toEqual([{ role: 'user', content: { type: 'text', text } }]);
  });
});
