import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { endpointAt, type Asker, type Json } from '../support/raw-clients.ts';
import { ScriptedUpstream, type Heard, type Script } from '../support/scripted-upstream.ts';

type Reply = { result: Json; error: { code: number; data?: Json } };
const CAPABILITIES = { tools: {}, prompts: {}, resources: {}, completions: {} };

function range(count: number, prefix: string): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

/** Answers a list request with the page that its cursor leads to; the second one by the empty cursor. */
function paged(member: string, items: readonly Json[], pageSize: number) {
  return ({ params, reply, fail }: Heard): void => {
    const { cursor } = params;
    const page = cursor === undefined ? 0 : cursor === '' ? 1 : Number(/^page-(\d+)$/.exec(cursor as string)?.[1]);
    if (Number.isNaN(page)) return fail({ code: -32602, message: 'Invalid cursor' });
    const end = (page + 1) * pageSize;
    const next = page === 0 ? '' : `page-${page + 1}`;
    reply({ [member]: items.slice(page * pageSize, end), ...(end < items.length && { nextCursor: next }) });
  };
}

interface Offer {
  readonly tools?: readonly string[];
  readonly resources?: readonly string[];
  readonly templates?: readonly string[];
  readonly pageSize?: number;
  readonly script?: Script;
}

function offering({ tools = [], resources = [], templates = [], pageSize = 50, script = {} }: Offer): Script {
  const tool = (name: string): Json => ({ name, inputSchema: { type: 'object' } });
  return {
    'tools/list': paged('tools', tools.map(tool), pageSize),
    'prompts/list': paged(
      'prompts',
      tools.map((name) => ({ name: `ask-${name}` })),
      pageSize,
    ),
    'resources/list': paged(
      'resources',
      resources.map((uri) => ({ uri, name: uri })),
      pageSize,
    ),
    'resources/templates/list': paged(
      'resourceTemplates',
      templates.map((uriTemplate) => ({ uriTemplate, name: uriTemplate })),
      pageSize,
    ),
    'tools/call': ({ params, reply }) => reply({ content: [], called: params['name'] }),
    'resources/read': ({ params, reply }) => reply({ contents: [{ uri: params['uri'], text: String(params['uri']) }] }),
    ...script,
  };
}

const LISTS = [
  ['tools/list', 'tools', 'name'],
  ['prompts/list', 'prompts', 'name'],
  ['resources/list', 'resources', 'uri'],
  ['resources/templates/list', 'resourceTemplates', 'uriTemplate'],
] as const;

class Walker {
  constructor(readonly client: Asker) {}

  async ask(method: string, params: Json = {}): Promise<Reply> {
    return JSON.parse(await this.client.ask(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))) as Reply;
  }

  page(method: string, cursor?: unknown): Promise<Reply> {
    return this.ask(method, cursor === undefined ? {} : { cursor });
  }

  /** Every page, with something done between them. */
  async pages(method: string, between: (page: number) => void = () => undefined): Promise<Json[]> {
    const pages: Json[] = [];
    for (let cursor: unknown; pages.length < 1_000;) {
      const { result, error } = await this.page(method, cursor);
      if (error) throw new Error(JSON.stringify(error));
      pages.push(result);
      cursor = result['nextCursor'];
      if (cursor === undefined) return pages;
      between(pages.length);
    }
    throw new Error('the list does not end');
  }
}

function keysOf(pages: readonly Json[], member: string, key: string): unknown[] {
  return pages.flatMap((page) => (page[member] as Json[]).map((item) => item[key]));
}

async function start(groups: ReadonlyMap<string, ScriptedUpstream>, settings = ''): Promise<RunningGateway> {
  const written = Array.from(groups, ([name, { toml }]) => {
    const prefix = name === 'second' ? 'prefix = ""\n' : '';
    return `[upstream.groups.${name}]\n${prefix}[[upstream.groups.${name}.servers]]\n${toml}\n`;
  });
  const gateway = await startGateway(`${EPHEMERAL}\n[gateway]\n${settings}\n${written.join('')}`);
  return gateway.ready();
}

const CRM_TOOLS = range(250, 't');
const LONG = `${'long.name/'.repeat(12)}end`;

describe('groups behind one address', () => {
  const upstreams = new Map<string, ScriptedUpstream>();
  let gateway: RunningGateway;
  let walker: Walker;

  beforeAll(async () => {
    const serve = async (name: string, kind: 'stdio' | 'ws' | 'http', offer: Offer): Promise<void> => {
      upstreams.set(name, await ScriptedUpstream.start(kind, { capabilities: CAPABILITIES, script: offering(offer) }));
    };
    await serve('default', 'http', {
      tools: ['find', 'own'],
      resources: ['db://plain', 'db://shared'],
      templates: ['plain://{id}'],
    });
    await serve('second', 'ws', { tools: ['find', 'other'], resources: ['db://shared', 'db://second'] });
    await serve('crm', 'ws', {
      tools: CRM_TOOLS,
      resources: range(45, 'db://row/'),
      templates: ['db://row/{id}', 'https://crm.example/{id}', 'ui://panel/{id}'],
      pageSize: 50,
    });
    await serve('wiki', 'stdio', {
      tools: ['find', LONG, `${LONG}2`, 'a.b', 'a_b'],
      resources: range(95, 'page://'),
      pageSize: 10,
    });
    gateway = await start(upstreams, 'page_size = 20');
    walker = new Walker(await endpointAt(gateway.url).asker('websocket'));
  });

  afterAll(async () => {
    await gateway?.stop();
    for (const upstream of upstreams.values()) upstream.stop();
  });

  it('are listed page by page to the end, each thing once, in the order of the configuration', async () => {
    const tools = keysOf(await walker.pages('tools/list'), 'tools', 'name');
    expect(tools.slice(0, 3)).toEqual(['find', 'own', 'other']);
    expect(tools.slice(3, 253)).toEqual(CRM_TOOLS.map((name) => `crm__${name}`));
    expect(tools).toHaveLength(3 + 250 + 5);

    const prompts = keysOf(await walker.pages('prompts/list'), 'prompts', 'name');
    expect(prompts).toHaveLength(3 + 250 + 5);
    expect(new Set(prompts).size).toBe(prompts.length);

    const uris = keysOf(await walker.pages('resources/list'), 'resources', 'uri');
    expect(uris).toEqual([
      'db://plain',
      'db://shared',
      'db://second',
      ...range(45, 'crm+db://row/'),
      ...range(95, 'wiki+page://'),
    ]);
    expect(keysOf(await walker.pages('resources/templates/list'), 'resourceTemplates', 'uriTemplate')).toEqual([
      'plain://{id}',
      'crm+db://row/{id}',
      'https://crm.example/{id}',
      'ui://crm/panel/{id}',
    ]);
  });

  it('have pages that are no larger than wanted but for those of their servers', async () => {
    for (const page of await walker.pages('tools/list'))
      expect((page['tools'] as Json[]).length).toBeLessThanOrEqual(20);
  });

  it('refuse cursors that were changed, cut, made up, or made for another list or route', async () => {
    const cursorOf = async (method: string): Promise<string> =>
      String((await walker.page(method)).result['nextCursor']);
    const good = await cursorOf('tools/list');
    const flipped = `${good.slice(0, 30)}${good[30] === 'A' ? 'B' : 'A'}${good.slice(31)}`;
    const alone = new Walker(await endpointAt(gateway.url).asker('streamable_http', '2025-06-18', '/mcp/crm'));

    for (const bad of [flipped, good.slice(0, -4), `${good}AA`, 'page-2', '', await cursorOf('resources/list')]) {
      expect(await walker.page('tools/list', bad)).toMatchObject({ error: { code: -32602 } });
    }
    expect(await walker.page('resources/list', good)).toMatchObject({ error: { code: -32602 } });
    expect(await alone.page('tools/list', good)).toMatchObject({ error: { code: -32602 } });
    for (const [method] of LISTS) {
      for (const bad of [7, {}, null]) {
        expect(await walker.page(method, bad)).toMatchObject({ error: { code: -32602 } });
      }
    }
  });

  it('shorten names that are too long, tell apart what would be called the same, and find all of them again', async () => {
    const names = keysOf(await walker.pages('tools/list'), 'tools', 'name').map(String);
    const shown = names.slice(253);
    expect(shown.every((name) => /^[A-Za-z0-9_-]{1,64}$/.test(name))).toBe(true);
    expect(new Set(shown).size).toBe(5);

    const called = await Promise.all(
      shown.map(async (name) => {
        const client = new Walker(await endpointAt(gateway.url).asker('streamable_http'));
        return (await client.ask('tools/call', { name })).result['called'];
      }),
    );
    expect(called).toEqual(['find', LONG, `${LONG}2`, 'a.b', 'a_b']);
  });

  it('without a prefix have what the first of them has', async () => {
    const before = upstreams.get('second')!.heard.length;
    expect(await walker.ask('tools/call', { name: 'find' })).toMatchObject({ result: { called: 'find' } });
    expect(await walker.ask('resources/read', { uri: 'db://shared' })).toMatchObject({ result: {} });
    expect(
      upstreams
        .get('second')!
        .heard.slice(before)
        .map(({ method }) => method),
    ).not.toContain('tools/call');
    expect(upstreams.get('default')!.heard.filter(({ method }) => method === 'resources/read')).toHaveLength(1);
    expect(await walker.ask('tools/call', { name: 'other' })).toMatchObject({ result: { called: 'other' } });
  });

  it('own a resource by their prefix, by their lists, and by their templates', async () => {
    const read = async (uri: string): Promise<unknown> => {
      const { result, error } = await walker.ask('resources/read', { uri });
      return error?.data?.['uri'] ?? (result['contents'] as Json[])[0];
    };
    expect(await read('crm+db://row/7')).toEqual({ uri: 'crm+db://row/7', text: 'db://row/7' });
    expect(await read('CRM+db://row/7')).toEqual({ uri: 'crm+db://row/7', text: 'db://row/7' });
    expect(await read('db://row/7')).toEqual({ uri: 'crm+db://row/7', text: 'db://row/7' });
    expect(await read('db://row/7000')).toEqual({ uri: 'crm+db://row/7000', text: 'db://row/7000' });
    expect(await read('https://crm.example/7')).toEqual({
      uri: 'https://crm.example/7',
      text: 'https://crm.example/7',
    });
    expect(await read('ui://crm/panel/7')).toEqual({ uri: 'ui://crm/panel/7', text: 'ui://panel/7' });
    expect(await read('plain://7')).toEqual({ uri: 'plain://7', text: 'plain://7' });
    expect(await read('wiki+page://94')).toEqual({ uri: 'wiki+page://94', text: 'page://94' });
    expect(await read('page://94')).toEqual({ uri: 'wiki+page://94', text: 'page://94' });
    expect(await read('nobody://7')).toBe('nobody://7');
  });

  it('have their URIs prefixed wherever they stand, and nowhere else', async () => {
    const crm = upstreams.get('crm')!;
    const uri = 'db://row/1';
    const link = { type: 'resource_link', uri, name: 'r', note: uri };
    const embedded = { type: 'resource', resource: { uri, text: uri, mimeType: 'text/plain' }, uri };
    const text = { type: 'text', text: uri, uri };
    crm.script['tools/call'] = ({ reply }) =>
      reply({ content: [link, embedded, text], structuredContent: { uri, link }, _meta: { uri } });
    crm.script['prompts/get'] = ({ reply }) =>
      reply({ messages: [link, embedded, text, [link, text]].map((content) => ({ role: 'user', content })) });
    crm.script['resources/read'] = ({ reply }) => reply({ contents: [{ uri, text: uri, _meta: { uri } }] });
    crm.script['completion/complete'] = ({ params, reply }) =>
      reply({ completion: { values: [uri] }, ref: params['ref'] });

    const exposed = `crm+${uri}`;
    const links = { ...link, uri: exposed };
    const embeds = { ...embedded, resource: { ...embedded.resource, uri: exposed } };
    expect((await walker.ask('tools/call', { name: 'crm__t0' })).result).toEqual({
      content: [links, embeds, text],
      structuredContent: { uri, link },
      _meta: { uri },
    });
    expect((await walker.ask('prompts/get', { name: 'crm__ask-t0' })).result['messages']).toEqual(
      [links, embeds, text, [links, text]].map((content) => ({ role: 'user', content })),
    );
    expect((await walker.ask('resources/read', { uri: exposed })).result['contents']).toEqual([
      { uri: exposed, text: uri, _meta: { uri } },
    ]);
    const ref = { type: 'ref/resource', uri: 'crm+db://row/{id}', more: 1 };
    expect((await walker.ask('completion/complete', { ref, argument: { name: 'id', value: '' } })).result).toEqual({
      completion: { values: [uri] },
      ref: { type: 'ref/resource', uri: 'db://row/{id}', more: 1 },
    });
    crm.script['tools/call'] = ({ fail }) => fail({ code: -32002, message: uri, data: { uri, other: { uri } } });
    expect((await walker.ask('tools/call', { name: 'crm__t0' })).error).toEqual({
      code: -32002,
      message: uri,
      data: { uri: exposed, other: { uri } },
    });
  });

  it('own the web addresses that they told of in a result', async () => {
    const uri = 'https://elsewhere.example/doc';
    const wiki = upstreams.get('wiki')!;
    wiki.script['tools/call'] = ({ reply }) => reply({ content: [{ type: 'resource_link', uri, name: 'doc' }] });
    expect(await walker.ask('resources/read', { uri })).toMatchObject({ error: { code: -32002, data: { uri } } });
    await walker.ask('tools/call', { name: 'wiki__find' });
    expect(await walker.ask('resources/read', { uri })).toMatchObject({ result: { contents: [{ uri }] } });
  });
});

describe('a group that dies while its list is being read', () => {
  const upstreams = new Map<string, ScriptedUpstream>();
  let gateway: RunningGateway;
  let walker: Walker;

  beforeEach(async () => {
    for (const [name, uri] of [
      ['a', 'db://a/'],
      ['b', 'db://b/'],
      ['c', 'db://c/'],
    ] as const) {
      const offer = { tools: range(12, 't'), resources: range(12, uri), pageSize: 5 };
      upstreams.set(name, await ScriptedUpstream.start('ws', { capabilities: CAPABILITIES, script: offering(offer) }));
    }
    const settings = 'page_size = 5\nlist_ttl = 0\nlist_timeout = "200ms"\nfirst_list_wait = 0';
    gateway = await start(upstreams, settings);
    walker = new Walker(await endpointAt(gateway.url).asker('websocket'));
  });

  afterEach(async () => {
    await gateway?.stop();
    for (const upstream of upstreams.values()) upstream.stop();
  });

  it('costs nothing of a list that was merged', async () => {
    const pages = await walker.pages('tools/list', (page) => page === 3 && upstreams.get('b')!.stop());
    expect(keysOf(pages, 'tools', 'name')).toEqual(
      ['a', 'b', 'c'].flatMap((group) => range(12, 't').map((name) => `${group}__${name}`)),
    );
  });

  it.each(['a', 'b', 'c'])('costs the rest of its own resources, is named, and nobody else is (%s)', async (dying) => {
    const stopAfter = { a: 1, b: 3, c: 5 }[dying];
    const pages = await walker.pages('resources/list', (page) => page === stopAfter && upstreams.get(dying)!.stop());
    const uris = keysOf(pages, 'resources', 'uri');

    for (const group of ['a', 'b', 'c']) {
      const expected = range(group === dying ? 5 : 12, `${group}+db://${group}/`);
      expect(uris.filter((uri) => String(uri).startsWith(group))).toEqual(expected);
    }
    const degraded = pages.flatMap(({ _meta }) => (_meta as Json | undefined)?.['mcp-gateway/degraded'] ?? []);
    expect(degraded).toContain(dying);
  });
});
