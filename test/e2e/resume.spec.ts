import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { textOf } from '../support/clients.ts';
import { FlakyLine } from '../support/flaky-line.ts';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import type { Json } from '../support/raw-clients.ts';
import { ScriptedUpstream, type Heard } from '../support/scripted-upstream.ts';
import { until } from '../support/until.ts';

const TOOLS = '{"tools":[{"name":"work","inputSchema":{"type":"object"}}]}';

/** The official SDK client, whose connections break in the middle of things. */
describe('a client over Streamable HTTP whose connection breaks', () => {
  let upstream: ScriptedUpstream;
  let gateway: RunningGateway;
  let line: FlakyLine;
  let client: Client;

  beforeEach(async () => {
    const script = { 'tools/list': ({ reply }: Heard) => reply(TOOLS) };
    upstream = await ScriptedUpstream.start('ws', { capabilities: { tools: {} }, script });
    gateway = await startGateway(`${EPHEMERAL}\n[[upstream.groups.crm.servers]]\n${upstream.toml}\n`);
    await gateway.ready();
    line = await FlakyLine.to(gateway.url);
    client = new Client({ name: 'test', version: '1.0.0' });
    await client.connect(new StreamableHTTPClientTransport(line.url()));
  });

  afterEach(async () => {
    await client?.close();
    line?.close();
    await gateway?.stop();
    upstream?.stop();
  });

  const progress = ({ say, params }: Heard, value: number): void => {
    const { progressToken } = params['_meta'] as Json;
    say({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress: value } });
  };

  it('gets the progress of a long call, and its result, once', async () => {
    const heard: number[] = [];
    const called = client.callTool({ name: 'crm__work', arguments: {} }, undefined, {
      onprogress: ({ progress: value }) => heard.push(value),
    });
    const asked = await upstream.next();
    progress(asked, 1);
    await until(() => heard.length === 1, 'the first progress');
    line.cut();
    progress(asked, 2);
    await until(() => heard.length === 2, 'the progress that was missed');
    line.cut();
    progress(asked, 3);
    asked.reply({ content: [{ type: 'text', text: 'done' }] });
    expect(textOf(await called)).toBe('done');
    expect(heard).toEqual([1, 2, 3]);
    expect(await client.ping()).toEqual({});
  });

  it('gets the result that came while it was away, of a call that had said nothing', async () => {
    const tokens: string[] = [];
    const called = client.callTool({ name: 'crm__work', arguments: {} }, undefined, {
      onresumptiontoken: (token) => tokens.push(token),
    });
    const asked = await upstream.next();
    await until(() => tokens.length === 1, 'the stream to begin');
    line.cut();
    asked.reply({ content: [{ type: 'text', text: 'late' }] });
    expect(textOf(await called)).toBe('late');
    expect(tokens).toEqual([tokens[0], tokens[0]!.replace(/0$/, '1')]);
  });

  it('gets an error once, and stops asking for more of that stream', async () => {
    const answers: string[] = [];
    const errors: Error[] = [];
    const other = new Client({ name: 'test', version: '1.0.0' });
    other.onerror = (error) => errors.push(error);
    const transport = new StreamableHTTPClientTransport(line.url(), {
      fetch: async (url, init) => {
        const answer = await fetch(url, init);
        answers.push(`${init?.method ?? 'GET'} ${answer.status}`);
        return answer;
      },
    });
    await other.connect(transport);
    const called = other.callTool({ name: 'crm__work', arguments: {} }, undefined, { onprogress: () => undefined });
    const asked = await upstream.next();
    progress(asked, 1);
    asked.fail({ code: -32_000, message: 'not today' });
    await expect(called).rejects.toThrow('not today');
    // It takes an error for a stream that broke.
    await until(() => answers.includes('GET 204'), 'the client to come back');
    await other.ping();
    expect(answers.filter((answer) => answer === 'GET 204')).toHaveLength(1);
    expect(errors).toEqual([]);
    await other.close();
  });
});
