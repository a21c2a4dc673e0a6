import { FakeGroup, failure, success, type FakeHandler } from '../../../test/support/fake-group.js';
import { elicitation } from '../../../test/support/questions.js';
import { request, RoutingBench, TestStay } from '../../../test/support/routing.js';
import { until } from '../../../test/support/until.js';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import type { McpReply } from '../../core/message.js';
import type { Peer } from '../../core/peer.js';
import type { Topology } from '../topology.js';

const DECLARES: JsonObject = { sampling: {}, elicitation: { form: {}, url: {} } };
const FORM = '{"method":"elicitation/create", "params":{"mode":"form","message":"Sure?","requestedSchema":{"n":1.0}}}';
const TOOLS = JSON.stringify({
  tools: [
    { name: 'merge', inputSchema: { type: 'object' } },
    { name: 'split', inputSchema: { type: 'object', properties: { r: { type: 'string', 'x-mcp-header': 'R' } } } },
  ],
});
const DONE = '{"content":[{"type":"resource_link","uri":"db://a","name":"a"}]}';
const ANSWERS = { ok: { action: 'accept', content: { yes: true } } };
const INVALID = expect.objectContaining({ code: 'state_invalid', message: 'Invalid requestState' });

let bench: RoutingBench;
let topology: Topology;
let exchange: ReturnType<RoutingBench['exchange']>;

beforeEach(() => {
  bench = new RoutingBench();
});

/** A server whose tools answer this, one after the other. */
async function serve(era: Peer['era'], replies: readonly (string | McpReply)[], on: Record<string, FakeHandler> = {}) {
  const left = [...replies];
  const call: FakeHandler = () => left.shift() ?? DONE;
  const group = new FakeGroup('crm', { era, on: { 'tools/list': () => TOOLS, 'tools/call': call, ...on } });
  topology = await bench.topology([group]);
  return group;
}

/** Sends a call of a modern client. @param params with the name, arguments and whatever else */
function call(params: JsonObject, override: Partial<Exchange> = {}): Promise<McpReply> {
  const declares = override.declares ?? DECLARES;
  const peer: Peer = {
    era: 'modern',
    revision: '2026-07-28',
    capabilities: declares,
    info: { name: 'c', version: '1' },
  };
  const stay = new TestStay('visit');
  stay.peer = peer;
  exchange = bench.exchange({ peer, stay, declares, method: 'tools/call', ...override });
  const reply = topology.find('/mcp')!.handle(request('tools/call', params), exchange);
  // As a visit does.
  const over = (): void => stay.end();
  reply.then(over, over);
  return reply;
}

async function asked(reply: Promise<McpReply> | McpReply): Promise<JsonObject & { requestState: string }> {
  const settled = await reply;
  expect(settled).toMatchObject({ kind: 'result', type: 'input_required' });
  return settled.json.object() as JsonObject & { requestState: string };
}

const sentTo = (group: FakeGroup): string[] => group.sent.map(({ params }) => params?.bytes.toString() ?? '');
const merge = (more: JsonObject = {}): JsonObject => ({ name: 'crm__merge', arguments: { a: 1 }, ...more });

describe('what a modern server asks of a modern client', () => {
  const asking = `{"resultType":"input_required", "inputRequests":{"ok":${FORM}},"requestState":"u-\\"state","x":1.0}`;

  it('comes as it was asked, with a state of ours, and the retry brings the server its own', async () => {
    const group = await serve('modern', [asking]);
    const reply = await call(merge(), { server: { group: 'crm', server: 'crm-7' } });
    const { requestState } = await asked(reply);
    expect(requestState).toMatch(/^gw1\./);
    const state = JSON.stringify(requestState);
    expect(reply.json.bytes.toString()).toBe(asking.replace('"u-\\"state"', state));

    const done = await call(merge({ inputResponses: ANSWERS, requestState }));
    expect(done).toMatchObject({ type: 'complete' });
    expect(done.json.object()).toMatchObject({ content: [{ uri: 'crm+db://a' }] });
    expect(sentTo(group)).toEqual([
      '{"name":"crm__merge","arguments":{"a":1}}',
      `{"inputResponses":${JSON.stringify(ANSWERS)},"requestState":"u-\\"state","name":"crm__merge","arguments":{"a":1}}`,
    ]);
    expect(group.sent.map(({ renamed }) => renamed)).toEqual(['merge', 'merge']);
    expect(exchange.target).toMatchObject({ group: 'crm', name: 'merge', server: 'crm-7' });
  });

  it('may be asked again and again, each time with a state of its own', async () => {
    const group = await serve('modern', [asking, asking]);
    const first = await asked(call(merge()));
    const second = await asked(call(merge({ inputResponses: {}, requestState: first.requestState })));
    expect(second.requestState).not.toBe(first.requestState);
    await call(merge({ inputResponses: ANSWERS, requestState: second.requestState }));
    expect(sentTo(group)).toHaveLength(3);
  });

  it('goes on for nobody else, with nothing else, and not for ever', async () => {
    const group = await serve('modern', [asking, asking]);
    const { requestState } = await asked(call(merge()));
    const retry = (more: JsonObject, override?: Partial<Exchange>) =>
      call(merge({ inputResponses: ANSWERS, requestState, ...more }), override);
    await expect(retry({ requestState: `${requestState}x` })).rejects.toThrow(INVALID);
    await expect(retry({ requestState: 'u-"state' })).rejects.toThrow(INVALID);
    await expect(retry({ arguments: { a: 2 } })).rejects.toThrow(INVALID);
    await expect(retry({ name: 'crm__split' })).rejects.toThrow(INVALID);
    await expect(retry({}, { principal: bench.principal('somebody else') })).rejects.toThrow(INVALID);
    expect(group.sent).toHaveLength(1);
    bench.clock.advance(3_600_000);
    await expect(retry({})).rejects.toThrow(expect.objectContaining({ code: 'state_expired' }));
    expect(group.sent).toHaveLength(1);
  });

  it('has no state where the server gave none, and the answers go to it as they are', async () => {
    const group = await serve('modern', [`{"resultType":"input_required","inputRequests":{"ok":${FORM}}}`]);
    expect(await asked(call(merge()))).not.toHaveProperty('requestState');
    await call(merge({ inputResponses: ANSWERS }));
    expect(sentTo(group)[1]).toBe(JSON.stringify(merge({ inputResponses: ANSWERS })));
  });

  it('may be nothing but to come back', async () => {
    const group = await serve('modern', ['{"resultType":"input_required","requestState":"later"}']);
    const { requestState } = await asked(call(merge()));
    await call(merge({ requestState }));
    expect(sentTo(group)[1]).toBe('{"requestState":"later","name":"crm__merge","arguments":{"a":1}}');
  });

  it('is passed on in the words of the route', async () => {
    const params = { messages: [{ role: 'user', content: { type: 'resource_link', uri: 'db://a', name: 'a' } }] };
    const inputRequests = { s: { method: 'sampling/createMessage', params: { ...params, maxTokens: 1 } } };
    await serve('modern', [JSON.stringify({ resultType: 'input_required', inputRequests, requestState: 's' })]);
    expect(await asked(call(merge()))).toMatchObject({
      inputRequests: { s: { params: { messages: [{ content: { uri: 'crm+db://a' } }] } } },
    });
  });

  it('is no question where it makes no sense', async () => {
    await serve('modern', ['{"resultType":"input_required"}']);
    await expect(call(merge())).rejects.toThrow(expect.objectContaining({ code: 'upstream_protocol_error' }));
  });

  it.each<[string, object, JsonObject]>([
    ['a kind', { method: 'roots/list' }, DECLARES],
    ['a mode', { method: 'elicitation/create', params: { mode: 'url' } }, { elicitation: {} }],
    ['forms', { method: 'elicitation/create', params: {} }, { elicitation: { url: {} } }],
  ])('is refused where %s was not declared', async (_what, ask, declares) => {
    await serve('modern', [JSON.stringify({ resultType: 'input_required', inputRequests: { a: ask } })]);
    const refused = expect.objectContaining({ code: 'upstream_protocol_error' });
    await expect(call(merge(), { declares })).rejects.toThrow(refused);
  });

  it('is nothing, often enough', async () => {
    await serve('modern', [failure('{"code":-32601,"message":"no"}')]);
    expect((await call(merge())).json.parse()).toEqual({ code: -32601, message: 'no' });
  });
});

describe('the headers of a modern client', () => {
  const split = (sent: ReadonlyMap<string, string> | undefined) =>
    call({ name: 'crm__split', arguments: { r: 'eu' } }, { mirrored: sent });

  it('must say what its arguments say, and the server is told the same', async () => {
    const group = await serve('modern', []);
    await call(merge());
    const mismatch = expect.objectContaining({ code: 'protocol_header_mismatch' });
    await expect(split(new Map())).rejects.toThrow(mismatch);
    await expect(split(new Map([['r', 'us']]))).rejects.toThrow(mismatch);
    await split(new Map([['r', 'eu']]));
    await split(undefined);
    const headers = group.sent.map(({ mirrors }) => mirrors && Object.fromEntries(mirrors));
    expect(headers).toEqual([undefined, { 'Mcp-Param-R': 'eu' }, { 'Mcp-Param-R': 'eu' }]);
  });

  it('must do so for tools of a legacy server too, which is told nothing of them', async () => {
    const group = await serve('legacy', []);
    await call(merge());
    await expect(split(new Map())).rejects.toThrow(expect.objectContaining({ code: 'protocol_header_mismatch' }));
    await split(new Map([['r', 'eu']]));
    await split(undefined);
    expect(group.sent.map(({ mirrors }) => mirrors)).toEqual([undefined, undefined, undefined]);
  });
});

describe('the log level of a request', () => {
  const levels = (capabilities: JsonObject) => call(merge(), { declares: capabilities, logLevel: 'debug' });

  it('is told to a legacy server on the session that everybody shares, once', async () => {
    const group = await serve('legacy', []);
    await levels({});
    await levels({});
    expect([group.sentFor, group.levels, group.ownLevels]).toEqual([[undefined, undefined], ['debug'], []]);
  });

  it('is told on a session that was lent', async () => {
    const group = await serve('legacy', []);
    await levels(DECLARES);
    expect([group.levels, group.ownLevels]).toMatchObject([[], [{ level: 'debug' }]]);
  });

  it('travels with the request where the server is modern', async () => {
    const group = await serve('modern', []);
    await levels({});
    expect([group.levels, group.ownLevels]).toEqual([[], []]);
  });
});

describe('pages that a legacy server wants opened', () => {
  const page = (id: string) => ({
    mode: 'url',
    message: 'Sign in',
    url: `https://crm.example/${id}`,
    elicitationId: id,
  });
  const wanted = (...ids: string[]): McpReply =>
    failure(JSON.stringify({ code: -32042, message: 'Sign in', data: { elicitations: ids.map(page) } }));
  const question = (id: string) => {
    const { elicitationId: _, ...params } = page(id);
    return { method: 'elicitation/create', params };
  };

  it('are a question to a modern client, and the call begins anew when all are opened', async () => {
    const group = await serve('legacy', [wanted('e1', 'e2')]);
    const { inputRequests, requestState } = await asked(call(merge()));
    expect(inputRequests).toEqual({ e1: question('e1'), e2: question('e2') });

    const inputResponses = { e1: { action: 'accept' }, e2: { action: 'accept' }, other: {} };
    const done = await call(merge({ inputResponses, requestState }));
    expect(done.json.object()).toMatchObject({ content: [{ uri: 'crm+db://a' }] });
    expect(sentTo(group)).toEqual([JSON.stringify(merge()), JSON.stringify(merge())]);
  });

  it('are asked for again as long as nothing is said of them', async () => {
    const group = await serve('legacy', [wanted('e1', 'e2')]);
    const first = await asked(call(merge()));
    const again = await asked(
      call(merge({ requestState: first.requestState, inputResponses: { e1: { action: 'accept' } } })),
    );
    expect(again['inputRequests']).toEqual({ e2: question('e2') });
    const inputResponses = { e2: { action: 'accept' } };
    await call(merge({ requestState: again.requestState, inputResponses }));
    expect(group.sent).toHaveLength(2);
  });

  it('fail the call when the user does not want to', async () => {
    const group = await serve('legacy', [wanted('e1')]);
    const { requestState } = await asked(call(merge()));
    for (const action of ['decline', 'cancel']) {
      const reply = await call(merge({ requestState, inputResponses: { e1: { action } } }));
      expect(reply.json.object()).toMatchObject({ isError: true });
    }
    const senseless = call(merge({ requestState, inputResponses: { e1: 'accept' } }));
    await expect(senseless).rejects.toThrow(expect.objectContaining({ code: 'protocol_invalid_params' }));
    expect(group.sent).toHaveLength(1);
  });

  it('are not asked of a client that opens none', async () => {
    for (const declares of [{}, { elicitation: {} }]) {
      await serve('legacy', [wanted('e1')]);
      await expect(call(merge(), { declares })).rejects.toThrow(
        expect.objectContaining({
          code: 'protocol_missing_capability',
          data: { requiredCapabilities: { elicitation: { url: {} } } },
        }),
      );
    }
  });

  it('have names, whatever the server calls them', async () => {
    const elicitations = [{ url: 'https://a' }, { elicitationId: 1, url: 'https://b', mode: 'x', message: 1 }, 1, {}];
    await serve('legacy', [failure(JSON.stringify({ code: -32042, message: '', data: { elicitations } }))]);
    const params = (url: string) => ({ method: 'elicitation/create', params: { mode: 'url', message: '', url } });
    const { inputRequests } = await asked(call(merge()));
    expect(inputRequests).toEqual({ 'page-1': params('https://a'), 'page-2': params('https://b') });
  });

  it.each([
    '{"code":-32042,"message":"no"}',
    '{"code":-32042,"message":"no","data":{"elicitations":[]}}',
    '{"code":-32000,"message":"-32042","data":{"elicitations":[{"url":"https://a"}]}}',
  ])('are not wanted by any error: %s', async (error) => {
    await serve('legacy', [failure(error)]);
    expect((await call(merge())).json.parse()).toEqual(JSON.parse(error));
  });
});

describe('what a legacy server asks of a modern client', () => {
  it('parks the call, and the retry brings the answer', async () => {
    const { request: input, answer } = elicitation('Sure?');
    const group = await serve('legacy', [], {
      'tools/call': async () => success(JSON.stringify({ content: [await answer] })),
    });
    group.interim = input;
    const reply = call(merge());
    await until(() => bench.clock.timers > 0, 'the questions to be gathered');
    bench.clock.advance(15);
    const { inputRequests, requestState } = await asked(reply);
    const [key, question] = Object.entries(inputRequests as JsonObject)[0]!;
    expect(question).toMatchObject({ method: 'elicitation/create', params: { mode: 'form', message: 'Sure?' } });
    const done = await call(merge({ inputResponses: { [key]: { action: 'decline' } }, requestState }));
    expect(done.json.object()).toEqual({ content: [{ result: { action: 'decline' } }] });
    expect(group.sent).toHaveLength(1);
    expect(group.sentFor[0]?.capabilities).toMatchObject({ elicitation: {} });
  });

  it('is refused at once when the client declared nothing', async () => {
    const { request: input, answers } = elicitation();
    const group = await serve('legacy', []);
    group.interim = input;
    await call(merge(), { declares: {} });
    expect(answers).toEqual([{ result: { action: 'cancel' } }]);
    expect(exchange.delivered).toEqual([]);
    expect(group.sentFor).toEqual([undefined]);
  });

  it('is not made a task of because the client says so', async () => {
    const group = await serve('legacy', []);
    await call({ task: { ttl: 1 }, ...merge() });
    expect(sentTo(group)).toEqual([JSON.stringify(merge())]);
  });
});
