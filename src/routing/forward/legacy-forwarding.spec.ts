import { FakeGroup, failure, modernSuccess, type FakeHandler } from '../../../test/support/fake-group.js';
import { request, RoutingBench } from '../../../test/support/routing.js';
import { until } from '../../../test/support/until.js';
import type { Exchange } from '../../core/exchange.js';
import { JsonBytes, type JsonObject } from '../../core/json.js';
import { InputRequest, result, type McpReply } from '../../core/message.js';
import { readParams } from '../../protocol/index.js';

const DECLARES: JsonObject = { sampling: {}, elicitation: { form: {}, url: {} } };
const LINK = { type: 'resource_link', uri: 'db://a', name: 'a' };
const DONE = JSON.stringify({ resultType: 'complete', content: [LINK] });
const TOOLS = '{"tools":[{"name":"merge","inputSchema":{"type":"object"}}]}';

let bench: RoutingBench;
let exchange: ReturnType<RoutingBench['exchange']>;

beforeEach(() => {
  bench = new RoutingBench();
});

function asking(key: string, asked: JsonObject, requestState?: string): string {
  return JSON.stringify({ resultType: 'input_required', inputRequests: { [key]: asked }, requestState });
}

/** A modern server whose tool answers this, one after the other. */
function modern(replies: readonly (string | McpReply)[], on: Record<string, FakeHandler> = {}): FakeGroup {
  const left = [...replies];
  const call = (): string | McpReply => left.shift() ?? DONE;
  return new FakeGroup('crm', { era: 'modern', on: { 'tools/list': () => TOOLS, 'tools/call': call, ...on } });
}

async function call(group: FakeGroup, override: Partial<Exchange> = {}, path = '/mcp'): Promise<McpReply> {
  exchange = bench.exchange({ declares: DECLARES, method: 'tools/call', ...override });
  const topology = await bench.topology([group]);
  const name = path === '/mcp' ? 'crm__merge' : 'merge';
  return topology.find(path)!.handle(request('tools/call', `{"name":"${name}","arguments":{"a":1.0}}`), exchange);
}

function question(): Promise<InputRequest> {
  return until(() => exchange.delivered.find((message) => message instanceof InputRequest), 'a question');
}

const sentTo = (group: FakeGroup): string[] => group.sent.map(({ params }) => params?.bytes.toString() ?? '');

describe('a request of a legacy client for a modern server', () => {
  it('is held while the client is asked, and sent again with the answers', async () => {
    const asked = { method: 'elicitation/create', params: { mode: 'form', message: 'Sure?', requestedSchema: {} } };
    const group = modern([asking('ok', asked, 'u-state')]);
    const reply = call(group);
    (await question()).answered(result({ action: 'accept' }));
    expect((await reply).json.object()).toMatchObject({ content: [{ ...LINK, uri: 'crm+db://a' }] });
    expect(sentTo(group)).toEqual([
      '{"name":"crm__merge","arguments":{"a":1.0}}',
      '{"inputResponses":{"ok":{"action":"accept"}},"requestState":"u-state","name":"crm__merge","arguments":{"a":1.0}}',
    ]);
    expect(group.sent.map(({ renamed }) => renamed)).toEqual(['merge', 'merge']);
  });

  it('is asked in the words of the route', async () => {
    const params = { messages: [{ role: 'user', content: LINK }], maxTokens: 1, includeContext: 'allServers' };
    const asked = { method: 'sampling/createMessage', params };
    const prefixed = call(modern([asking('s', asked)]));
    const exposed = await question();
    expect(exposed.params!.object()).toMatchObject({
      messages: [{ role: 'user', content: { ...LINK, uri: 'crm+db://a' } }],
      includeContext: 'none',
    });
    exposed.answered(result({ role: 'assistant' }));
    await prefixed;

    const alone = call(modern([asking('s', asked)]), {}, '/mcp/crm');
    const plain = await question();
    expect(plain.params!.object()).toEqual(params);
    plain.answered(result({ role: 'assistant' }));
    expect((await alone).json.object()).toMatchObject({ content: [LINK] });
  });

  it('fails as the server would have it fail when the client declared nothing of the kind', async () => {
    const reply = await call(modern([asking('ok', { method: 'roots/list' })]));
    expect(reply.json.object()).toMatchObject({ code: -32021, data: { requiredCapabilities: { roots: {} } } });
  });

  it('tells of progress that only grows, whichever round it is of', async () => {
    const group = modern([asking('ok', { method: 'elicitation/create', params: { message: '?' } })]);
    const params = readParams(Buffer.from('{"progressToken":1,"progress":2}'));
    group.interim = { kind: 'notification', method: 'notifications/progress', params };
    const reply = call(group, { wantsProgress: true });
    (await question()).answered(result({ action: 'accept' }));
    await reply;
    const told = exchange.delivered.filter(({ method }) => method === 'notifications/progress');
    expect(told.map((message) => message.params!.object()['progress'])).toEqual([2, 4]);
  });

  it('goes on where the server is that asked', async () => {
    const group = modern([asking('ok', { method: 'elicitation/create', params: { message: '?' } })]);
    const reply = call(group, { server: { group: 'crm', server: 'crm-2' } });
    (await question()).answered(result({ action: 'accept' }));
    await reply;
    expect(exchange.target).toMatchObject({ group: 'crm', name: 'merge', server: 'crm-2' });
  });

  it('is held as well where only some of the replicas are modern', async () => {
    const group = modern([asking('ok', { method: 'elicitation/create', params: { message: '?' } })]);
    Object.defineProperty(group, 'era', { value: 'mixed' });
    const reply = call(group);
    (await question()).answered(result({ action: 'accept' }));
    expect((await reply).json.object()).toMatchObject({ content: [{ uri: 'crm+db://a' }] });
  });

  it('is not asked anything in reply to what has no questions', async () => {
    const group = modern([], { 'completion/complete': () => asking('ok', { method: 'roots/list' }) });
    const topology = await bench.topology([group]);
    const params = { ref: { type: 'ref/prompt', name: 'p' }, argument: { name: 'a', value: '' } };
    exchange = bench.exchange({ declares: DECLARES });
    const reply = await topology.find('/mcp/crm')!.handle(request('completion/complete', params), exchange);
    expect(reply).toMatchObject({ type: 'input_required' });
    expect(exchange.delivered).toEqual([]);
  });

  it('gets the errors of the server, with its URIs as the route shows them', async () => {
    const error = failure('{"code":-32000,"message":"no","data":{"uri":"db://a"}}');
    expect((await call(modern([error]))).json.parse()).toEqual({
      code: -32000,
      message: 'no',
      data: { uri: 'crm+db://a' },
    });
  });

  it('may speak of a task, of which a modern server knows nothing', async () => {
    const group = modern([asking('ok', { method: 'elicitation/create', params: { message: '?' } })]);
    const topology = await bench.topology([group]);
    exchange = bench.exchange({ declares: DECLARES });
    const params = { name: 'crm__merge', task: { ttl: 1 } };
    const reply = topology.find('/mcp')!.handle(request('tools/call', params), exchange);
    (await question()).answered(result({ action: 'accept' }));
    expect((await reply).json.object()).toMatchObject({ content: [{ uri: 'crm+db://a' }] });
  });
});

describe('arguments that a modern server wants in headers', () => {
  const tools = (header: string): string =>
    JSON.stringify({
      tools: [
        {
          name: 'merge',
          inputSchema: { type: 'object', properties: { a: { type: 'integer', 'x-mcp-header': header } } },
        },
      ],
    });
  const mismatch = failure('{"code":-32020,"message":"Missing header Mcp-Param-B"}');
  const headersOf = (group: FakeGroup) => group.sent.map(({ mirrors }) => mirrors && Object.fromEntries(mirrors));

  it('go there', async () => {
    const group = modern([], { 'tools/list': () => tools('A') });
    await call(group);
    expect(headersOf(group)).toEqual([{ 'Mcp-Param-A': '1' }]);
  });

  it('go there after the tools were asked for again, where it wants others than were known', async () => {
    let listed = 0;
    const group = modern([mismatch], { 'tools/list': () => tools(listed++ === 0 ? 'A' : 'B') });
    expect((await call(group)).json.object()).toMatchObject({ content: [{ uri: 'crm+db://a' }] });
    expect(headersOf(group)).toEqual([{ 'Mcp-Param-A': '1' }, { 'Mcp-Param-B': '1' }]);
    expect(listed).toBe(2);
  });

  it('go there as the very replica says that refused them', async () => {
    let listed = 0;
    const group = modern([mismatch], { 'tools/list': () => tools(listed++ === 0 ? 'A' : 'B') });
    await call(group, { server: { group: 'crm', server: 'crm-2' } });
    expect(group.asked.map(({ preferred }) => preferred)).toEqual([undefined, 'crm-2']);
    expect(exchange.target).toMatchObject({ server: 'crm-2' });
  });

  it('are sent twice and not once more', async () => {
    const group = modern([mismatch, mismatch], { 'tools/list': () => tools('A') });
    await expect(call(group)).rejects.toThrow(expect.objectContaining({ code: 'upstream_protocol_error' }));
    expect(group.sent).toHaveLength(2);
  });

  it('mean nothing to a legacy server', async () => {
    const group = new FakeGroup('crm', { on: { 'tools/list': () => tools('A'), 'tools/call': () => mismatch } });
    expect((await call(group)).json.object()).toMatchObject({ code: -32020 });
    expect(headersOf(group)).toEqual([undefined]);
  });
});

it('keeps what a reply says of itself', async () => {
  const said = { ...modernSuccess(DONE), freshness: { ttlMs: 5, scope: 'public' } } as McpReply;
  expect(await call(modern([said]))).toMatchObject({ type: 'complete', freshness: { ttlMs: 5 } });
  const bare: McpReply = { ...said, json: new JsonBytes(Buffer.from('{}')) };
  expect(await call(modern([bare]))).toMatchObject({ type: 'complete', freshness: { ttlMs: 5 } });
});
