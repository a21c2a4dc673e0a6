import { JsonBytes, type JsonObject } from '../../core/json.js';
import { errorReply, result, type McpReply, type McpResult } from '../../core/message.js';
import type { Peer } from '../../core/peer.js';
import { TASKS_EXTENSION } from '../../protocol/index.js';
import { shapeReply } from './shape-reply.js';

const TASKS: JsonObject = { extensions: { [TASKS_EXTENSION]: {} } };

function client(capabilities: JsonObject = {}): Peer {
  return { era: 'modern', revision: '2026-07-28', capabilities, info: { name: 'c', version: '1' } };
}

function seen(method: string, reply: McpReply, capabilities?: JsonObject): unknown {
  const { kind, json } = shapeReply(method, reply, client(capabilities));
  return [kind, json.object()];
}

function typed(type: string): McpResult {
  return { ...result({ resultType: type }), type };
}

describe('a result to a modern client', () => {
  it('is the very same, whatever stands in it', () => {
    const reply = result({ content: [{ type: 'resource_link', uri: 'a:b' }], structuredContent: [1] });
    for (const given of [reply, { ...reply, type: 'complete' }]) {
      expect(shapeReply('tools/call', given, client())).toBe(given);
    }
  });

  it.each([
    ['tools/call', 'input_required', {}],
    ['prompts/get', 'input_required', {}],
    ['resources/read', 'input_required', {}],
    ['tools/call', 'task', TASKS],
  ])('may be for %s of the type %s', (method, type, capabilities) => {
    expect(seen(method, typed(type), capabilities)).toEqual(['result', { resultType: type }]);
  });

  it.each([
    ['tools/list', 'input_required', {}],
    ['tools/call', 'task', {}],
    ['tools/call', 'task', { tasks: {} }],
    ['prompts/get', 'task', TASKS],
    ['tools/call', 'else', TASKS],
  ])('may not be for %s of the type %s from a client with %j', (method, type, capabilities) => {
    expect(() => seen(method, typed(type), capabilities)).toThrow(
      expect.objectContaining({ code: 'upstream_protocol_error' }),
    );
  });
});

describe('a list of tools to a modern client', () => {
  const text = [
    '{"nextCursor":"n","tools":[',
    '{"name":"a" , "execution":{"taskSupport":"optional"},"inputSchema":{"n":1.0}},',
    '{"name":"b","inputSchema":{}} ,',
    '{"execution":{"taskSupport":"required"},"name":"c"},',
    String.raw`{"\u0065xecution":{},"name":"d"}`,
    '],"x":1}',
  ].join('');

  it('says nothing of tasks as they were, and offers no tool that cannot do without', () => {
    const list = { kind: 'result', json: new JsonBytes(Buffer.from(text)) } as const;
    expect(shapeReply('tools/list', list, client()).json.bytes.toString()).toBe(
      '{"tools":[{"name":"a","inputSchema":{"n":1.0}},{"name":"b","inputSchema":{}},{"name":"d"}],"nextCursor":"n","x":1}',
    );
  });

  it('offers no tool that declares headers in a way that clients must refuse', () => {
    const tool = (name: string, declared: string) =>
      `{"name":"${name}","inputSchema":{"type":"object","properties":{"x-mcp-header":{"type":"string"},"r":{"type":"string",${declared}}}}}`;
    const [good, plain] = [tool('a', '"x-mcp-header":"R"'), tool('c', '"n":1.0')];
    const wrong = [tool('b', '"x-mcp-header":""'), tool('d', '"\\u0078-mcp-header":7')];
    const given = `{"tools":[${[wrong[0], good, wrong[1], plain].join()}]}`;
    const list = { kind: 'result', json: new JsonBytes(Buffer.from(given)) } as const;
    expect(shapeReply('tools/list', list, client()).json.bytes.toString()).toBe(`{"tools":[${good},${plain}]}`);
  });

  it('is looked through once, however often it is told how long it may be kept', () => {
    const list = { kind: 'result', json: new JsonBytes(Buffer.from(text)) } as const;
    const freshness = { ttlMs: 5, scope: 'private' } as const;
    const first = shapeReply('tools/list', list, client());
    const second = shapeReply('tools/list', { ...list, freshness }, client());
    expect(second.json).toBe(first.json);
    expect(second).toMatchObject({ freshness });
  });

  it.each(['{"tools":[{"name":"a"}]}', '{"tools":[]}', '{"x":"execution"}', '{"tools":[{"execution":1}]}'])(
    'stays valid: %s',
    (given) => {
      const list = { kind: 'result', json: new JsonBytes(Buffer.from(given)) } as const;
      const shaped = JSON.parse(shapeReply('tools/list', list, client()).json.bytes.toString()) as JsonObject;
      expect(shaped).toEqual(JSON.parse(given.replace('"execution":1', '')));
    },
  );

  it('is the very same from a modern server', () => {
    const list: McpResult = { kind: 'result', json: new JsonBytes(Buffer.from(text)), type: 'complete' };
    expect(shapeReply('tools/list', list, client())).toBe(list);
  });
});

describe('an error to a modern client', () => {
  it('says under its new code that there is no such resource', () => {
    expect(seen('resources/read', errorReply(-32002, 'Resource not found', { uri: 'old+db://x' }))).toEqual([
      'error',
      { code: -32602, message: 'Resource not found', data: { uri: 'old+db://x' } },
    ]);
  });

  it.each([-32020, -32022, -32042])('%i is nothing that the client did wrong', (code) => {
    expect(seen('tools/call', errorReply(code, 'x', { elicitations: [] }))).toMatchObject([
      'error',
      { code: -32603, data: { reason: 'upstream_protocol_error' } },
    ]);
  });

  it.each<[required: JsonObject, declared: JsonObject]>([
    [{ elicitation: { form: {} } }, {}],
    [{ elicitation: { form: {} } }, { elicitation: { url: {} } }],
    [{ elicitation: { url: {} } }, { elicitation: {} }],
    [{ sampling: { tools: {} } }, { sampling: {} }],
    [{ sampling: {}, roots: {} }, { sampling: {} }],
    [TASKS, { extensions: {} }],
    [TASKS, { extensions: true }],
  ])('is relayed when %j is missing from %j', (requiredCapabilities, declared) => {
    const error = errorReply(-32021, 'needs more', { requiredCapabilities });
    expect(shapeReply('tools/call', error, client(declared))).toBe(error);
  });

  it.each<[required: JsonObject | undefined, declared: JsonObject]>([
    [{ elicitation: { form: {} } }, { elicitation: {} }],
    [{ elicitation: {} }, { elicitation: { url: {} } }],
    [{ sampling: { tools: {} } }, { sampling: { tools: {} }, roots: {} }],
    [{ experimental: { x: {} } }, { experimental: { x: {} } }],
    [TASKS, TASKS],
    [{}, {}],
    [undefined, {}],
  ])('is one of ours when nothing of %j is missing from %j', (requiredCapabilities, declared) => {
    const error = errorReply(-32021, 'needs more', requiredCapabilities && { requiredCapabilities });
    expect(seen('tools/call', error, declared)).toMatchObject(['error', { code: -32603 }]);
  });

  it.each([-32601, -32602, -32603, -1, 7])('%i stays what it is', (code) => {
    const error = errorReply(code, 'not -32002, -32021', { uri: 'a:b' });
    expect(shapeReply('resources/read', error, client())).toBe(error);
  });
});
