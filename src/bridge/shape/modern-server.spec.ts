import { JsonBytes, type JsonObject } from '../../core/json.js';
import { errorReply, result, type McpError, type McpReply, type McpResult } from '../../core/message.js';
import type { Peer } from '../../core/peer.js';
import { SERVER_INFO } from '../../protocol/index.js';
import { shapeReply } from './shape-reply.js';

const REVISIONS = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'] as const;

function client(revision: string): Peer {
  return { era: 'legacy', revision, capabilities: {}, info: { name: 'c', version: '1' } };
}

function complete(json: string): McpResult {
  return { kind: 'result', json: new JsonBytes(Buffer.from(json)), type: 'complete' };
}

/** What a legacy client gets to see of what a modern server wrote. */
function seen(method: string, json: string, revision = '2025-11-25'): string {
  const shaped = shapeReply(method, complete(json), client(revision));
  expect(shaped).not.toHaveProperty('type');
  return shaped.json.bytes.toString();
}

function failed(method: string, error: McpError, revision = '2025-11-25'): McpReply {
  return shapeReply(method, { ...error, era: 'modern' }, client(revision));
}

describe('the result of a modern server to a legacy client', () => {
  it.each([
    ['{"resultType":"complete","content":[]}', '{"content":[]}'],
    ['{ "content" : [ 1.0 ] , "resultType" : "complete" }', '{"content" : [ 1.0 ]}'],
    ['{"ttlMs":0,"contents":[],"cacheScope":"public","resultType":"complete"}', '{"contents":[]}'],
    [`{"resultType":"complete","_meta":{"${SERVER_INFO}":{"name":"s"}}}`, '{}'],
    [`{"_meta":{"x" : 1,"${SERVER_INFO}":{"name":"s"}},"a":1}`, '{"_meta":{"x" : 1},"a":1}'],
    ['{"_meta":{},"resultType":"complete"}', '{"_meta":{}}'],
    ['{"_meta":{"x":1},"resultType":"complete"}', '{"_meta":{"x":1}}'],
    [String.raw`{"result\u0054ype":"complete","ttlMs":1,"ttlMs":2,"a":{"ttlMs":3}}`, '{"a":{"ttlMs":3}}'],
  ])('says nothing of its own era: %s', (given, expected) => {
    for (const revision of REVISIONS) expect(seen('resources/read', given, revision)).toBe(expected);
  });

  it('keeps the bytes that hold nothing of it', () => {
    const reply = complete('{ "content" : [] }');
    expect(shapeReply('tools/call', reply, client('2025-11-25')).json).toBe(reply.json);
  });

  it('has structured content that is no object under one', () => {
    const given = '{"resultType":"complete","content":[{"type":"text","text":"[1,2]"}],"structuredContent":[1,2]}';
    for (const revision of ['2025-06-18', '2025-11-25']) {
      expect(seen('tools/call', given, revision)).toBe(
        '{"content":[{"type":"text","text":"[1,2]"}],"structuredContent":{"result":[1,2]}}',
      );
    }
    for (const revision of ['2024-11-05', '2025-03-26']) {
      expect(seen('tools/call', given, revision)).toBe('{"content":[{"type":"text","text":"[1,2]"}]}');
    }
  });

  it('describes it likewise, and is looked through once', () => {
    const tool = { name: 't', inputSchema: { type: 'object' }, outputSchema: { type: 'array' } };
    const list: McpResult = { ...result({ resultType: 'complete', tools: [tool], ttlMs: 1 }), type: 'complete' };
    const wrapped = { type: 'object', properties: { result: { type: 'array' } }, required: ['result'] };

    const shaped = shapeReply('tools/list', list, client('2025-11-25'));

    expect(shaped.json.object()).toEqual({ tools: [{ ...tool, outputSchema: wrapped }] });
    expect(shapeReply('tools/list', { ...list }, client('2025-11-25')).json).toBe(shaped.json);
    const plain = complete('{"tools":[],"ttlMs":1}');
    expect(shapeReply('tools/list', plain, client('2025-06-18')).json.bytes.toString()).toBe('{"tools":[]}');
  });

  it('is in older words where the revision has no others', () => {
    const link = '{"type":"resource_link","uri":"a:b","name":"a"}';
    const given = `{"resultType":"complete","messages":[{"role":"user","content":${link}}],"_meta":{"${SERVER_INFO}":{}}}`;
    expect(seen('prompts/get', given, '2025-03-26')).toBe(
      '{"messages":[{"role":"user","content":{"type":"text","text":"a: a:b"}}]}',
    );
  });

  it.each(['input_required', 'task', 'else'])('cannot be of the type %s', (type) => {
    const reply = { ...result({ resultType: type, requestState: 's' }), type };
    expect(() => shapeReply('tools/call', reply, client('2025-11-25'))).toThrow(
      expect.objectContaining({ code: 'upstream_protocol_error' }),
    );
  });
});

describe('the error of a modern server to a legacy client', () => {
  it.each([-32020, -32022])('%i is nothing that the client did wrong', (code) => {
    const error = errorReply(code, 'Missing header Mcp-Param-Region', { supported: [] });
    for (const method of ['tools/call', 'prompts/list']) {
      const { kind, json } = failed(method, error);
      expect([kind, json.object()]).toMatchObject([
        'error',
        {
          code: -32603,
          message: expect.not.stringContaining('Mcp-Param'),
          data: { reason: 'upstream_protocol_error' },
        },
      ]);
    }
  });

  it.each<[required: JsonObject | undefined, what: string]>([
    [{ elicitation: { form: {} } }, 'elicitation (form)'],
    [{ sampling: {}, roots: {} }, 'sampling and roots'],
    [{ sampling: { tools: {}, context: {} } }, 'sampling (tools, context)'],
    [{ extensions: { 'io.modelcontextprotocol/tasks': {} } }, 'extensions (io.modelcontextprotocol/tasks)'],
    [{}, 'something that the client lacks'],
    [undefined, 'something that the client lacks'],
  ])('-32021 is the failure of a tool: %j', (requiredCapabilities, what) => {
    const data = requiredCapabilities && { requiredCapabilities };
    const { kind, json } = failed('tools/call', errorReply(-32021, 'needs more', data));
    const text = `This tool needs client support for ${what}.`;
    expect([kind, json.object()]).toEqual(['result', { isError: true, content: [{ type: 'text', text }] }]);
  });

  it('-32021 is an error of ours for anything else', () => {
    const requiredCapabilities = { sampling: {} };
    const { kind, json } = failed('prompts/get', errorReply(-32021, 'needs more', { requiredCapabilities }));
    const data = { reason: 'protocol_missing_capability', requiredCapabilities };
    expect([kind, json.object()]).toEqual(['error', { code: -32603, message: 'needs more', data }]);
  });

  it('-32602 says under its older code that there is no such resource', () => {
    const error = errorReply(-32602, 'Resource not found', { uri: 'db://x', more: 1 });
    expect(failed('resources/read', error).json.object()).toEqual({
      code: -32002,
      message: 'Resource not found',
      data: { uri: 'db://x', more: 1 },
    });
    for (const [method, other] of [
      ['tools/call', error],
      ['resources/read', errorReply(-32602, 'Invalid params')],
      ['resources/read', errorReply(-32601, 'not -32602', { uri: 'db://x' })],
    ] as const) {
      expect(failed(method, other).json).toBe(other.json);
    }
  });

  it('stays what it is where a legacy server said it', () => {
    for (const code of [-32020, -32022, -32602]) {
      const error = errorReply(code, 'x', { uri: 'db://x' });
      expect(shapeReply('resources/read', error, client('2025-11-25'))).toBe(error);
    }
    expect(failed('tools/call', errorReply(-32050, 'about -32021')).json.object()).toEqual({
      code: -32050,
      message: 'about -32021',
    });
  });
});
