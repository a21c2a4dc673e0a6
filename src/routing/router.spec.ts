import { failure, FakeGroup } from '../../test/support/fake-group.js';
import { request, RoutingBench } from '../../test/support/routing.js';
import type { JsonObject } from '../core/json.js';
import { Params } from '../core/message.js';
import type { Topology } from './topology.js';

const BIG = '1152921504606846976';
const METHOD_UNKNOWN = { code: 'protocol_unknown_method' };

let bench: RoutingBench;

beforeEach(() => {
  bench = new RoutingBench();
});

function listOf(member: string, items: readonly object[]): () => string {
  return () => JSON.stringify({ [member]: items });
}

const toolsOf = (...names: string[]) =>
  listOf(
    'tools',
    names.map((name) => ({ name, inputSchema: { type: 'object' } })),
  );

/** Handles a request and keeps the exchange, to see whom it was aimed at. */
async function handle(topology: Topology, path: string, method: string, params: Parameters<typeof request>[1]) {
  const exchange = bench.exchange({ method });
  const reply = await topology.find(path)!.handle(request(method, params), exchange);
  return { exchange, text: reply.json.bytes.toString(), kind: reply.kind };
}

describe('a tool call', () => {
  const reply = `{ "content":[{"type":"text","text":"ok"}], "big":${BIG}, "vendor":{"uri":"db://a"} }`;
  const group = (name: string, tools: readonly string[], prefix = name) =>
    new FakeGroup(name, { prefix, on: { 'tools/list': toolsOf(...tools), 'tools/call': () => reply } });

  it('reaches the group that has the tool, under the name it has there', async () => {
    const [crm, wiki] = [group('crm', ['a.b']), group('wiki', ['a.b'])];
    const topology = await bench.topology([crm, wiki]);
    const { exchange, text } = await handle(topology, '/mcp', 'tools/call', { name: 'wiki__a_b', arguments: { x: 1 } });

    expect(exchange.target).toMatchObject({ group: 'wiki', name: 'a.b' });
    expect(crm.sent).toEqual([]);
    expect(wiki.sent.map(({ renamed }) => renamed)).toEqual(['a.b']);
    expect(text).toBe(reply);
  });

  it('is relayed byte for byte where nothing is prefixed', async () => {
    const plain = group('default', ['a'], '');
    const topology = await bench.topology([plain]);
    const params = `{ "name":"a", "arguments":{"n":${BIG}}, "x":1.0 }`;

    for (const path of ['/mcp', '/mcp/default', '/mcp/', '/mcp/default/']) {
      expect((await handle(topology, path, 'tools/call', params)).text).toBe(reply);
    }
    for (const sent of plain.sent) {
      expect(sent.renamed).toBeUndefined();
      expect(sent.params?.bytes.toString()).toBe(params);
    }
  });

  it('does not parse anything, nor wait for anybody but its group, once the catalog is warm', async () => {
    const crm = group('crm', ['a'], '');
    const topology = await bench.topology([crm]);
    await bench.call(topology, '/mcp', 'tools/list');
    const parsed = vi.spyOn(Params.prototype, 'parse');

    const answer = topology.find('/mcp')!.handle(request('tools/call', { name: 'a' }), bench.exchange());
    expect(crm.sent).toHaveLength(1);
    await answer;
    expect(parsed).not.toHaveBeenCalled();
    parsed.mockRestore();
  });

  it('is refused when no group has the tool, after everybody was asked once', async () => {
    const [crm, wiki] = [group('crm', ['a']), group('wiki', ['b'])];
    const topology = await bench.topology([crm, wiki]);
    const calls = Array.from({ length: 10 }, () => handle(topology, '/mcp', 'tools/call', { name: 'crm__nothing' }));
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ reason: { code: 'target_unknown', message: 'Unknown tool: crm__nothing' } });
    }
    await expect(handle(topology, '/mcp', 'tools/call', { name: 'a' })).rejects.toMatchObject({
      message: 'Unknown tool: a',
    });
    expect([crm, wiki].map(({ asked }) => asked.length)).toEqual([1, 1]);
  });

  it('finds a tool that was added since', async () => {
    const names = ['a'];
    const crm = new FakeGroup('crm', { on: { 'tools/list': () => toolsOf(...names)(), 'tools/call': () => reply } });
    const topology = await bench.topology([crm]);
    await bench.call(topology, '/mcp', 'tools/list');
    names.push('b');
    crm.announce('tools');
    expect((await handle(topology, '/mcp', 'tools/call', { name: 'crm__b' })).text).toBe(reply);
  });

  it('finds the tools of a group while another has failed', async () => {
    const [crm, wiki] = [group('crm', ['a']), group('wiki', ['b'])];
    crm.down = true;
    const topology = await bench.topology([crm, wiki]);
    expect((await handle(topology, '/mcp', 'tools/call', { name: 'wiki__b' })).text).toBe(reply);
  });

  it('fails as its group does, rather than as unknown, while the group has never told its tools', async () => {
    const [crm, plain] = [group('crm', ['a']), group('default', ['b'], '')];
    crm.down = plain.down = true;
    const topology = await bench.topology([crm, plain, group('wiki', ['c'])]);

    for (const name of ['crm__a', 'b']) {
      await expect(handle(topology, '/mcp', 'tools/call', { name })).rejects.toMatchObject({
        code: 'upstream_unavailable',
      });
    }
  });

  it('passes any name to the group of a route of its own, which knows best', async () => {
    const crm = group('crm', []);
    const { exchange } = await handle(await bench.topology([crm]), '/mcp/crm', 'tools/call', { name: 'hidden' });
    expect(exchange.target).toEqual({ group: 'crm', name: 'hidden' });
    expect(crm.asked).toEqual([]);
  });

  it('is not known where no group has tools', async () => {
    const topology = await bench.topology([new FakeGroup('crm', { capabilities: { prompts: {} } })]);
    await expect(handle(topology, '/mcp', 'tools/call', { name: 'a' })).rejects.toMatchObject(METHOD_UNKNOWN);
    await expect(handle(topology, '/mcp', 'tools/list', {})).rejects.toMatchObject(METHOD_UNKNOWN);
    await expect(handle(topology, '/mcp/crm', 'tools/list', {})).rejects.toMatchObject(METHOD_UNKNOWN);
  });

  it('relays the error of its server', async () => {
    const error = `{"code":-32602,"message":"no","data":${BIG}}`;
    const crm = new FakeGroup('crm', { on: { 'tools/list': toolsOf('a'), 'tools/call': () => failure(error) } });
    expect(await handle(await bench.topology([crm]), '/mcp', 'tools/call', { name: 'crm__a' })).toMatchObject({
      kind: 'error',
      text: error,
    });
  });
});

describe('a resource', () => {
  const reader = (name: string, { prefix = name, uris = [] as string[], templates = [] as string[] } = {}) =>
    new FakeGroup(name, {
      prefix,
      on: {
        'resources/list': listOf(
          'resources',
          uris.map((uri) => ({ uri, name: 'n' })),
        ),
        'resources/templates/list': listOf(
          'resourceTemplates',
          templates.map((uriTemplate) => ({ uriTemplate, name: 'n' })),
        ),
        'resources/read': ({ params, renamed }) =>
          `{"contents":[{"uri":${JSON.stringify(renamed ?? params!.text('uri'))},"text":"${name}"}]}`,
      },
    });
  const read = async (topology: Topology, uri: string) =>
    JSON.parse((await handle(topology, '/mcp', 'resources/read', { uri })).text) as {
      contents: [{ uri: string; text: string }];
    };

  it('is read by the address the list gave, and comes back under it', async () => {
    const topology = await bench.topology([
      reader('crm', { uris: ['db://1', 'ui://c'] }),
      reader('wiki', { uris: ['db://1'] }),
    ]);
    const { resources } = await bench.call<{ resources: { uri: string }[] }>(topology, '/mcp', 'resources/list');

    for (const { uri } of resources) expect((await read(topology, uri)).contents[0].uri).toBe(uri);
    expect((await read(topology, 'wiki+db://1')).contents[0].text).toBe('wiki');
    expect((await read(topology, 'ui://crm/c')).contents[0].text).toBe('crm');
  });

  it('is found by its own address, by lists and then by templates', async () => {
    const topology = await bench.topology([
      reader('crm', { uris: ['https://example.org/a', 'db://1'] }),
      reader('wiki', { templates: ['https://example.org/{id}', 'w://{+path}'] }),
    ]);
    expect((await read(topology, 'https://example.org/a')).contents[0].text).toBe('crm');
    expect((await read(topology, 'https://example.org/b')).contents[0].text).toBe('wiki');
    expect((await read(topology, 'db://1')).contents[0]).toEqual({ uri: 'crm+db://1', text: 'crm' });
    expect((await read(topology, 'w://a/b')).contents[0].text).toBe('wiki');
  });

  it('belongs to the one group without a prefix when nobody else claims it', async () => {
    const topology = await bench.topology([reader('crm'), reader('default', { prefix: '' })]);
    expect((await read(topology, 'any://thing')).contents[0].text).toBe('default');
  });

  it('is not found where nobody claims it', async () => {
    const topology = await bench.topology([reader('crm'), reader('a', { prefix: '' }), reader('b', { prefix: '' })]);
    await expect(read(topology, 'any://thing')).rejects.toMatchObject({
      code: 'resource_not_found',
      data: { uri: 'any://thing' },
    });
  });

  it('is named by its prefixed address in the error of its server', async () => {
    const crm = reader('crm');
    crm.handlers['resources/read'] = () => failure('{"code":-32002,"message":"gone","data":{"uri":"db://1"}}');
    const { text } = await handle(await bench.topology([crm]), '/mcp', 'resources/read', { uri: 'crm+db://1' });
    expect(text).toBe('{"code":-32002,"message":"gone","data":{"uri":"crm+db://1"}}');
  });

  it('is linked by its prefixed address in tool results and prompts', async () => {
    const link = '{"type":"resource_link","uri":"db://1","name":"n"}';
    const crm = new FakeGroup('crm', {
      on: {
        'tools/list': toolsOf('a'),
        'tools/call': () => `{"content":[${link}]}`,
        'prompts/list': listOf('prompts', [{ name: 'p' }]),
        'prompts/get': () => `{"messages":[{"role":"user","content":${link}}]}`,
      },
    });
    const topology = await bench.topology([crm]);
    const prefixed = link.replace('db://1', 'crm+db://1');
    expect((await handle(topology, '/mcp', 'tools/call', { name: 'crm__a' })).text).toBe(`{"content":[${prefixed}]}`);
    expect((await handle(topology, '/mcp', 'prompts/get', { name: 'crm__p' })).text).toContain(prefixed);
    expect((await handle(topology, '/mcp/crm', 'tools/call', { name: 'a' })).text).toBe(`{"content":[${link}]}`);
  });

  it('is named by its prefixed address in notifications on the way', async () => {
    const crm = reader('crm');
    crm.interim = {
      kind: 'notification',
      method: 'notifications/resources/updated',
      params: new Params(Buffer.from('{"uri":"db://1"}'), {}),
    };
    const { exchange } = await handle(await bench.topology([crm]), '/mcp', 'resources/read', { uri: 'crm+db://1' });
    expect(exchange.delivered.map(({ params }) => params?.object())).toEqual([{ uri: 'crm+db://1' }]);
  });
});

describe('a prompt', () => {
  it('is found by its prefixed name, and unknown otherwise', async () => {
    const crm = new FakeGroup('crm', {
      on: { 'prompts/list': listOf('prompts', [{ name: 'p' }]), 'prompts/get': () => '{"messages":[]}' },
    });
    const topology = await bench.topology([crm]);
    expect((await handle(topology, '/mcp', 'prompts/get', { name: 'crm__p' })).exchange.target?.name).toBe('p');
    await expect(handle(topology, '/mcp', 'prompts/get', { name: 'p' })).rejects.toMatchObject({
      code: 'target_unknown',
      message: 'Unknown prompt: p',
    });
  });
});

describe('a completion', () => {
  const argument = { name: 'x', value: 'v' };
  const group = new FakeGroup('crm', {
    on: {
      'prompts/list': listOf('prompts', [{ name: 'p.q' }]),
      'resources/templates/list': listOf('resourceTemplates', [{ uriTemplate: 'db://{t}', name: 'n' }]),
      'resources/list': listOf('resources', []),
      'completion/complete': ({ renamed }) => `{"asked":"${renamed}"}`,
    },
  });
  const ask = async (ref: JsonObject) => {
    const topology = await bench.topology([group]);
    return JSON.parse((await handle(topology, '/mcp', 'completion/complete', { ref, argument })).text) as unknown;
  };

  it('is asked for under the own name of a prompt or a template', async () => {
    expect(await ask({ type: 'ref/prompt', name: 'crm__p_q' })).toEqual({ asked: 'p.q' });
    expect(await ask({ type: 'ref/resource', uri: 'crm+db://{t}' })).toEqual({ asked: 'db://{t}' });
    expect(await ask({ type: 'ref/resource', uri: 'crm+db://1' })).toEqual({ asked: 'db://1' });
  });

  it('is left as it is where nothing is prefixed', async () => {
    const topology = await bench.topology([group]);
    const ref = { type: 'ref/prompt', name: 'p.q' };
    expect((await handle(topology, '/mcp/crm', 'completion/complete', { ref, argument })).text).toBe(
      '{"asked":"undefined"}',
    );
  });

  it('is refused for what nobody has', async () => {
    await expect(ask({ type: 'ref/prompt', name: 'nobody' })).rejects.toMatchObject({ code: 'target_unknown' });
    await expect(ask({ type: 'ref/resource', uri: 'nobody://' })).rejects.toMatchObject({ code: 'target_unknown' });
  });
});

describe('a log level', () => {
  const set = (topology: Topology, level: string, path = '/mcp') =>
    handle(topology, path, 'logging/setLevel', { level });

  it('is kept for whoever asked, and told to the groups when it is the least severe yet', async () => {
    const groups = [new FakeGroup('crm'), new FakeGroup('wiki')];
    const topology = await bench.topology(groups);
    const { exchange, text } = await set(topology, 'error');
    expect([text, exchange.stay.logLevel]).toEqual(['{}', 'error']);
    await set(topology, 'critical');
    await set(topology, 'debug', '/mcp/crm');
    await set(topology, 'info');

    expect(groups.map(({ levels }) => levels)).toEqual([
      ['error', 'debug'],
      ['error', 'info'],
    ]);
  });

  it('is remembered for the groups of later generations', async () => {
    await set(await bench.topology([new FakeGroup('crm'), new FakeGroup('gone')]), 'info');
    const next = [new FakeGroup('crm'), new FakeGroup('new')];
    bench.tools.levels.carryOver(next);
    expect(next.map(({ levels }) => levels)).toEqual([['info'], []]);
  });

  it('is not known where no group logs', async () => {
    const topology = await bench.topology([new FakeGroup('crm', { capabilities: { tools: {} } })]);
    await expect(set(topology, 'info')).rejects.toMatchObject(METHOD_UNKNOWN);
  });
});

describe('any other method', () => {
  it('is not known', async () => {
    const topology = await bench.topology([new FakeGroup('crm')]);
    for (const method of ['resources/subscribe', 'tasks/list', 'server/discover', 'ping', 'x', 'constructor']) {
      await expect(handle(topology, '/mcp', method, { uri: 'db://1' })).rejects.toMatchObject(METHOD_UNKNOWN);
    }
  });

  it('is not known before a revision is agreed on', async () => {
    const topology = await bench.topology([new FakeGroup('crm')]);
    const exchange = bench.exchange({ peer: { ...bench.exchange().peer, revision: '1999-01-01' } });
    const asked = topology.find('/mcp')!.handle(request('tools/list'), exchange);
    await expect(asked).rejects.toMatchObject(METHOD_UNKNOWN);
  });
});
