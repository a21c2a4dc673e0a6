import { CallToolResultSchema, GetPromptResultSchema, ListToolsResultSchema } from '@modelcontextprotocol/sdk/types.js';
import * as fc from 'fast-check';

import { JsonBytes, type JsonObject } from '../../core/json.js';
import { errorReply, result, type McpReply } from '../../core/message.js';
import type { Peer } from '../../core/peer.js';
import { shapeReply } from './shape-reply.js';

/** A client of a revision with a handshake. */
function client(revision: string): Peer {
  return { era: 'legacy', revision, capabilities: {}, info: { name: 'c', version: '1' } };
}

const REVISIONS = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'] as const;
const LINK = { type: 'resource_link', uri: 'file:///a.txt', name: 'a', mimeType: 'text/plain' };
const AUDIO = { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' };
const IMAGE = { type: 'image', data: 'AAAA', mimeType: 'image/png' };
const TEXT = { type: 'text', text: 'hello' };
const UNKNOWN = { type: 'com.example/hologram', frames: 3, more: { kept: true } };

/** What a result looks like to a client. */
function seen(method: string, given: JsonObject, revision: string): JsonObject {
  return shapeReply(method, result(given), client(revision)).json.object();
}

/** The same, of JSON as a server wrote it. */
function seenText(method: string, text: string, revision: string): string {
  const reply: McpReply = { kind: 'result', json: new JsonBytes(Buffer.from(text)) };
  return shapeReply(method, reply, client(revision)).json.bytes.toString();
}

describe('the content of a tool result', () => {
  it.each(['2024-11-05', '2025-03-26'])('says links in text to %s', (revision) => {
    expect(seen('tools/call', { content: [TEXT, LINK] }, revision)).toEqual({
      content: [TEXT, { type: 'text', text: 'a: file:///a.txt' }],
    });
  });

  it('says audio in text to 2024-11-05 alone', () => {
    const given = { content: [{ ...AUDIO, annotations: { audience: ['user'] } }], isError: false };
    expect(seen('tools/call', given, '2024-11-05')).toEqual({
      content: [{ type: 'text', text: '[audio audio/wav]', annotations: { audience: ['user'] } }],
      isError: false,
    });
    expect(seen('tools/call', given, '2025-03-26')).toEqual(given);
  });

  it('is found under an escaped spelling', () => {
    const text = String.raw`{"content":[{"type":"\u0061udio","mimeType":"audio/wav","data":""}]}`;
    expect(seenText('tools/call', text, '2024-11-05')).toBe('{"content":[{"type":"text","text":"[audio audio/wav]"}]}');
  });

  it('keeps what nobody knows, and what is only called like a link', () => {
    const given = { content: [UNKNOWN, { type: 'text', text: '"resource_link"' }], _meta: { x: 1 }, more: [LINK] };
    for (const revision of REVISIONS) expect(seen('tools/call', given, revision)).toEqual(given);
  });

  it('is in prompts what it is in results', () => {
    const given = {
      messages: [
        { role: 'user', content: LINK },
        { role: 'assistant', content: [AUDIO] },
      ],
      description: 'd',
    };
    expect(seen('prompts/get', given, '2024-11-05')).toEqual({
      messages: [
        { role: 'user', content: { type: 'text', text: 'a: file:///a.txt' } },
        { role: 'assistant', content: [{ type: 'text', text: '[audio audio/wav]' }] },
      ],
      description: 'd',
    });
  });
});

describe('structured content', () => {
  const structuredContent = { celsius: 22.5 };

  it.each(['2024-11-05', '2025-03-26'])('is dropped for %s, which has it as text', (revision) => {
    expect(seen('tools/call', { content: [TEXT], structuredContent }, revision)).toEqual({ content: [TEXT] });
    const said = { type: 'text', text: '{"celsius":22.5}' };
    expect(seen('tools/call', { structuredContent }, revision)).toEqual({ content: [said] });
    expect(seen('tools/call', { content: [], structuredContent }, revision)).toEqual({ content: [said] });
    expect(seen('tools/call', { content: [IMAGE], structuredContent }, revision)).toEqual({ content: [IMAGE, said] });
    // What stands in for a link says nothing of it.
    const { content } = seen('tools/call', { content: [LINK], structuredContent }, revision);
    expect((content as JsonObject[]).at(-1)).toEqual(said);
  });

  it('keeps the digits of its numbers', () => {
    const text = '{"structuredContent":{"id":12345678901234567890,"one":1.0}}';
    expect(seenText('tools/call', text, '2025-03-26')).toContain(String.raw`{\"id\":12345678901234567890,\"one\":1.0}`);
  });

  it.each([
    ['[1,2]', '{"result":[1,2]}'],
    ['"x"', '{"result":"x"}'],
    ['null', '{"result":null}'],
    ['12345678901234567890', '{"result":12345678901234567890}'],
  ])('that is %s reaches nobody unwrapped', (bare, wrapped) => {
    for (const revision of ['2025-06-18', '2025-11-25']) {
      const text = seenText('tools/call', `{"content":[], "structuredContent" : ${bare}}`, revision);
      expect(text).toBe(`{"content":[],"structuredContent":${wrapped}}`);
    }
    expect(seenText('tools/call', `{"structuredContent":${bare}}`, '2024-11-05')).toBe(
      `{"content":[{"type":"text","text":${JSON.stringify(bare)}}]}`,
    );
  });

  it('that is an object stays as it is, whatever stands in it', () => {
    const reply = result({ content: [], structuredContent: { structuredContent: [1] } });
    expect(shapeReply('tools/call', reply, client('2025-11-25'))).toBe(reply);
  });
});

describe('the schemas of results', () => {
  const list = (outputSchema: JsonObject) => ({
    tools: [{ name: 't', inputSchema: { type: 'object' }, outputSchema }],
  });
  const schemaSeen = (given: JsonObject, revision: string) =>
    (seen('tools/list', list(given), revision)['tools'] as JsonObject[])[0]!['outputSchema'];

  it('are dropped where results have no structure', () => {
    const given = { ...list({ type: 'object' }), nextCursor: 'n' };
    const tools = [{ name: 't', inputSchema: { type: 'object' } }];
    for (const revision of ['2024-11-05', '2025-03-26']) {
      expect(seen('tools/list', given, revision)).toEqual({ tools, nextCursor: 'n' });
    }
  });

  it('describe what is wrapped', () => {
    const given = { $defs: { n: { type: 'integer' } }, type: 'array', items: { $ref: '#/$defs/n' } };
    expect(schemaSeen(given, '2025-11-25')).toEqual({
      $defs: { n: { type: 'integer' } },
      type: 'object',
      properties: { result: { type: 'array', items: { $ref: '#/$defs/n' } } },
      required: ['result'],
    });
  });

  it('are dropped when they do not say what is wrapped', () => {
    expect(schemaSeen({ anyOf: [{ type: 'object' }, { type: 'string' }] }, '2025-11-25')).toBeUndefined();
    expect(schemaSeen({ type: ['object', 'null'] }, '2025-06-18')).toBeUndefined();
  });

  it('of objects stay, and the list is looked through once', () => {
    const reply = result(list({ type: 'object', properties: {} }));
    expect(shapeReply('tools/list', reply, client('2025-11-25'))).toBe(reply);
    const other = result(list({ type: 'string' }));
    const shaped = shapeReply('tools/list', other, client('2025-11-25'));
    expect(shapeReply('tools/list', other, client('2025-11-25'))).toBe(shaped);
    expect(shapeReply('tools/list', other, client('2024-11-05')).json.bytes.includes('outputSchema')).toBe(false);
  });
});

describe('a request to open a page', () => {
  const error = errorReply(-32042, 'Sign in first', {
    elicitations: [{ mode: 'url', elicitationId: '1', url: 'https://example.com/in', message: 'Sign in' }],
  });

  it.each(['2024-11-05', '2025-03-26', '2025-06-18'])('is a failure of the tool to %s', (revision) => {
    expect(shapeReply('tools/call', error, client(revision))).toMatchObject({ kind: 'result' });
    expect(shapeReply('tools/call', error, client(revision)).json.object()).toEqual({
      content: [{ type: 'text', text: 'Sign in first\nSign in: https://example.com/in' }],
      isError: true,
    });
  });

  it('is a plain error of anything else', () => {
    const shaped = shapeReply('prompts/get', error, client('2025-06-18'));
    expect([shaped.kind, shaped.json.object()]).toEqual(['error', { ...error.json.object(), code: -32603 }]);
  });

  it('stays what it is to whoever knows it, and so does every other error', () => {
    expect(shapeReply('tools/call', error, client('2025-11-25'))).toBe(error);
    const other = errorReply(-32603, 'was -32042', { code: -32042 });
    expect(shapeReply('tools/call', other, client('2024-11-05'))).toBe(other);
  });
});

describe('shaping', () => {
  const block = fc.constantFrom<JsonObject>(TEXT, IMAGE, AUDIO, LINK, UNKNOWN, {
    type: 'resource',
    resource: { uri: 'a:b', text: '' },
  });
  const object = fc
    .dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true })
    .map((members) => JSON.parse(JSON.stringify(members)) as JsonObject);
  const toolResult = fc
    .record(
      { content: fc.array(block), structuredContent: object, _meta: object, isError: fc.boolean() },
      { requiredKeys: [] },
    )
    .map((given) => given as JsonObject);
  const prompt = fc.record({ messages: fc.array(fc.record({ role: fc.constant('user'), content: block })) });
  const tools = fc.record({
    tools: fc.array(
      fc.record(
        {
          name: fc.string(),
          inputSchema: fc.constant({ type: 'object' }),
          outputSchema: fc.constantFrom<JsonObject>({ type: 'object' }, { type: 'array' }, { oneOf: [] }),
        },
        { requiredKeys: ['name', 'inputSchema'] },
      ),
    ),
  });
  const given = fc.oneof(
    fc.tuple(fc.constant('tools/call'), toolResult),
    fc.tuple(fc.constant('prompts/get'), prompt),
    fc.tuple(fc.constant('tools/list'), tools as fc.Arbitrary<JsonObject>),
    fc.tuple(fc.constantFrom('resources/read', 'completion/complete'), object),
  );
  const revision = fc.constantFrom(...REVISIONS);
  const read = ({ kind, json }: McpReply) => [kind, JSON.parse(json.bytes.toString())];

  it('twice changes no more than shaping once', () => {
    fc.assert(
      fc.property(given, revision, ([method, value], date) => {
        const once = shapeReply(method, result(value), client(date));
        expect(read(shapeReply(method, once, client(date)))).toEqual(read(once));
      }),
    );
  });

  it('changes nothing that 2025-11-25 allows', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.tuple(fc.constant('tools/call'), toolResult), fc.tuple(fc.constant('prompts/get'), prompt)),
        ([method, value]) => {
          const reply = result(value);
          expect(shapeReply(method, reply, client('2025-11-25'))).toBe(reply);
        },
      ),
    );
  });

  it('leaves an old client only what its revision has words for', () => {
    fc.assert(
      fc.property(toolResult, fc.constantFrom('2024-11-05', '2025-03-26'), (value, date) => {
        const shaped = seen('tools/call', value, date);
        expect(shaped['structuredContent']).toBeUndefined();
        const types = ((shaped['content'] ?? []) as JsonObject[]).map(({ type }) => type);
        const known = ['text', 'image', 'resource', UNKNOWN.type, ...(date === '2024-11-05' ? [] : ['audio'])];
        expect(types.filter((type) => !known.includes(type as string))).toEqual([]);
      }),
    );
  });

  it('leaves valid what was valid', () => {
    const schemas = {
      'tools/call': CallToolResultSchema,
      'prompts/get': GetPromptResultSchema,
      'tools/list': ListToolsResultSchema,
    };
    const valid: [keyof typeof schemas, JsonObject][] = [
      ['tools/call', { content: [TEXT, IMAGE, AUDIO, LINK], structuredContent: { a: 1 } }],
      ['tools/call', { content: [], structuredContent: [1] }],
      [
        'prompts/get',
        {
          messages: [
            { role: 'user', content: AUDIO },
            { role: 'user', content: LINK },
          ],
        },
      ],
      ['tools/list', { tools: [{ name: 'a', inputSchema: { type: 'object' }, outputSchema: { type: 'array' } }] }],
    ];
    for (const [method, value] of valid) {
      for (const date of REVISIONS) expect(schemas[method].safeParse(seen(method, value, date)).error).toBeUndefined();
    }
  });
});
