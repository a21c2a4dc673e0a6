import * as fc from 'fast-check';

import { JsonBytes } from '../../core/json.js';
import { InputRequest, Params, type McpReply, type McpResult } from '../../core/message.js';
import { exposeName, restoreUri } from '../naming.js';
import { exposeItem } from './items.js';
import { exposeInterim, exposeReply } from './replies.js';

const BIG = '1152921504606846976';

function reply(text: string, kind: McpReply['kind'] = 'result'): McpReply {
  return { kind, json: new JsonBytes(Buffer.from(text)) };
}

function exposed(method: string, text: string, kind: McpReply['kind'] = 'result'): string {
  return exposeReply('crm', method, reply(text, kind)).json.bytes.toString();
}

describe('a reply of a prefixed group', () => {
  it('has the URIs of links and embedded resources of a tool result prefixed, and nothing else changed', () => {
    const text = (link: string, embedded: string) =>
      `{ "content":[{"type":"text","text":"see db://a","uri":"db://t"},{"uri":"${link}","type":"resource_link","size":${BIG}},` +
      `{"type":"resource","resource":{"uri":"${embedded}","text":"db://c"}}],"structuredContent":{"uri":"db://d"},"vendor":{"uri":"db://e"}}`;

    expect(exposed('tools/call', text('db://a', 'db://b'))).toBe(text('crm+db://a', 'crm+db://b'));
  });

  it('has the URIs in the messages of a prompt prefixed', () => {
    const text = (uri: string) =>
      `{"messages":[{"role":"user","content":{"type":"resource","resource":{"uri":"${uri}","blob":""}}},` +
      `{"role":"user","content":[{"type":"resource_link","uri":"${uri}","name":"n"}]}]}`;

    expect(exposed('prompts/get', text('db://a'))).toBe(text('crm+db://a'));
  });

  it('has the URIs of what was read prefixed', () => {
    expect(exposed('resources/read', '{"contents":[{"uri":"db://a","text":"1"},{"uri":"ui://b"}]}')).toBe(
      '{"contents":[{"uri":"crm+db://a","text":"1"},{"uri":"ui://crm/b"}]}',
    );
  });

  it('has the URI of an error prefixed', () => {
    expect(exposed('resources/read', '{"code":-32002,"message":"uri","data":{"uri":"db://a"}}', 'error')).toBe(
      '{"code":-32002,"message":"uri","data":{"uri":"crm+db://a"}}',
    );
  });

  it('is found out even when it hides its keys and its URIs behind escapes', () => {
    expect(exposed('resources/read', '{"contents":[{"\\u0075ri":"db:\\/\\/a","text":"1"}]}')).toBe(
      '{"contents":[{"\\u0075ri":"crm+db://a","text":"1"}]}',
    );
  });

  it('has both of two members of one name prefixed', () => {
    expect(exposed('resources/read', '{"contents":[{"uri":"db://a","uri":"db://b"}]}')).toBe(
      '{"contents":[{"uri":"crm+db://a","uri":"crm+db://b"}]}',
    );
  });

  it('stays in the words of its era, for as long as it may be kept', () => {
    const given: McpResult = {
      kind: 'result',
      json: new JsonBytes(Buffer.from('{"resultType":"complete","contents":[{"uri":"ui://a"}]}')),
      type: 'complete',
      freshness: { ttlMs: 5, scope: 'public' },
    };
    const { json, ...rest } = exposeReply('crm', 'resources/read', given) as McpResult;
    expect(json.bytes.toString()).toBe('{"resultType":"complete","contents":[{"uri":"ui://crm/a"}]}');
    expect(rest).toEqual({ kind: 'result', type: 'complete', freshness: { ttlMs: 5, scope: 'public' } });
  });

  it('asks, of a modern server, in the way that others ask', () => {
    const text = (uri: string, context: string) =>
      `{"resultType":"input_required","inputRequests":{"a":{"method":"elicitation/create","params":{"mode":"form","message":"db://a",` +
      `"requestedSchema":{"includeContext":"x","uri":"db://b"}}},"b":{"params":{"messages":[{"role":"user","content":` +
      `{"type":"resource_link","uri":"${uri}","name":"n"}}],"includeContext":"${context}","maxTokens":${BIG}},` +
      `"method":"sampling/createMessage"}},"requestState":"uri"}`;
    const asked: McpReply = {
      ...reply(text('db://a', 'thisServer')),
      kind: 'result',
      type: 'input_required',
    };
    const shown = exposeReply('crm', 'tools/call', asked) as McpResult;
    expect(shown.json.bytes.toString()).toBe(text('crm+db://a', 'none'));
    expect(shown.type).toBe('input_required');
  });

  it('is the very same one when it holds no URI of the group', () => {
    for (const text of ['{"content":[]}', '{"content":[{"type":"resource_link","uri":"https://example.org"}]}']) {
      const original = reply(text);
      expect(exposeReply('crm', 'tools/call', original)).toBe(original);
    }
  });
});

describe('a notification of a prefixed group', () => {
  const updated = (uri: string) => ({
    kind: 'notification' as const,
    method: 'notifications/resources/updated',
    params: new Params(Buffer.from(JSON.stringify({ uri, n: 1 })), {}),
  });

  it('has the URI of an updated resource prefixed', () => {
    expect(exposeInterim('crm', updated('db://a')).params?.object()).toEqual({ uri: 'crm+db://a', n: 1 });
  });

  it('is the very same one when nothing in it differs', () => {
    const web = updated('https://example.org/');
    const progress = { ...updated('db://a'), method: 'notifications/progress' };
    expect(exposeInterim('crm', web)).toBe(web);
    expect(exposeInterim('crm', progress)).toBe(progress);
  });
});

describe('a question of a prefixed group', () => {
  it('is not about the context of other servers', () => {
    const params = { messages: [], maxTokens: 1, includeContext: 'allServers' };
    const asker = { answered: vi.fn(), refused: vi.fn(), progressed: vi.fn(), onWithdrawn: vi.fn() };
    const asked = new InputRequest(
      'sampling/createMessage',
      new Params(Buffer.from(JSON.stringify(params)), {}),
      asker,
    );
    expect(exposeInterim('crm', asked).params?.object()).toEqual({ ...params, includeContext: 'none' });
  });
});

describe('an item of a list of a prefixed group', () => {
  const item = (kind: Parameters<typeof exposeItem>[1], text: string, exposed: string) =>
    exposeItem('crm', kind, Buffer.from(text), exposed).toString();

  it('keeps every byte of a tool but its name and its app', () => {
    const text = (name: string, app: string) =>
      `{ "name" :"${name}","inputSchema":{"type":"object","properties":{"name":{"maximum":${BIG}}}},` +
      `"_meta":{"ui":{"resourceUri":"${app}"},"ui/resourceUri":"${app}","x":[1.0]}}`;

    expect(item('tools', text('chart', 'ui://chart'), 'crm__chart')).toBe(text('crm__chart', 'ui://crm/chart'));
  });

  it('links each tool to its app in both spellings, under a URI that leads back to it', () => {
    const path = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(path, path, (one, other) => {
        const apps = { ui: { resourceUri: `ui://${one}` }, 'ui/resourceUri': `ui://${other}` };
        const tool = JSON.stringify({ name: 'chart', inputSchema: { type: 'object' }, _meta: apps });
        const shown = JSON.parse(item('tools', tool, exposeName('crm', 'chart'))) as Record<'_meta', typeof apps>;
        const links = shown['_meta'];
        expect(links.ui.resourceUri).toBe(`ui://crm/${one}`);
        expect(restoreUri('crm', links.ui.resourceUri)).toBe(`ui://${one}`);
        expect(restoreUri('crm', links['ui/resourceUri'])).toBe(`ui://${other}`);
      }),
    );
  });

  it('renames prompts, resources and templates', () => {
    expect(item('prompts', '{"name":"a"}', 'crm__a')).toBe('{"name":"crm__a"}');
    expect(item('resources', '{"name":"a","uri":"db://a"}', 'crm+db://a')).toBe('{"name":"a","uri":"crm+db://a"}');
    expect(item('templates', '{"uriTemplate":"db://{a}"}', 'crm+db://{a}')).toBe('{"uriTemplate":"crm+db://{a}"}');
  });
});
