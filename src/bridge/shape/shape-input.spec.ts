import { CreateMessageRequestParamsSchema, ElicitRequestParamsSchema } from '@modelcontextprotocol/sdk/types.js';

import type { JsonObject } from '../../core/json.js';
import { InputRequest, type Asker } from '../../core/message.js';
import type { Peer } from '../../core/peer.js';
import { readParams } from '../../protocol/index.js';
import { shapeInput } from './shape-input.js';

const ASKER: Asker = {
  answered: () => undefined,
  refused: () => undefined,
  progressed: () => undefined,
  onWithdrawn: () => undefined,
};
const TEXT = { type: 'text', text: 'hello' };
const ALL = {
  roots: {},
  sampling: { tools: {}, context: {} },
  elicitation: { form: {}, url: {} },
};

function client(capabilities: JsonObject, revision = '2025-11-25'): Peer {
  return { era: 'legacy', revision, capabilities, info: { name: 'c', version: '1' } };
}

function question(method: string, params?: JsonObject): InputRequest {
  return new InputRequest(method, params && readParams(Buffer.from(JSON.stringify(params))), ASKER);
}

/** What a client is asked; undefined when it is not. */
function asked(method: string, params: JsonObject, peer: Peer): JsonObject | undefined {
  return shapeInput(question(method, params), peer)?.params?.object();
}

describe('a question to a client', () => {
  const questions = [
    question('roots/list'),
    question('roots/list', { _meta: { progressToken: 3 } }),
    question('sampling/createMessage', {
      messages: [{ role: 'user', content: [TEXT, TEXT] }],
      maxTokens: 5,
      tools: [],
      includeContext: 'allServers',
    }),
    question('elicitation/create', { mode: 'url', message: 'm', url: 'https://example.com', elicitationId: 'e' }),
    question('elicitation/create', {
      mode: 'form',
      message: 'm',
      requestedSchema: { type: 'object', properties: { a: { type: 'array', items: { enum: ['x'] } } } },
    }),
  ];

  it('is the very same to a client that can do everything', () => {
    for (const one of questions) expect(shapeInput(one, client(ALL))).toBe(one);
  });

  it('is not asked of a client that did not say it could answer', () => {
    for (const one of questions) expect(shapeInput(one, client({}))).toBeUndefined();
  });

  it('is not asked when nobody knows the method', () => {
    expect(shapeInput(question('tasks/list'), client(ALL))).toBeUndefined();
  });

  it('goes to the same asker in other words', () => {
    const answered = vi.fn();
    const params = readParams(
      Buffer.from('{"mode":"form","message":"m","_meta":{"progressToken":12345678901234567890}}'),
    );
    const shaped = shapeInput(
      new InputRequest('elicitation/create', params, { ...ASKER, answered }),
      client({ elicitation: {} }, '2025-06-18'),
    );
    shaped?.answered({ kind: 'result', json: params });
    expect(answered).toHaveBeenCalledTimes(1);
    expect(shaped?.params?.bytes.toString()).toBe('{"message":"m","_meta":{"progressToken":12345678901234567890}}');
    expect(shaped?.params?.spans.progressToken).toBeDefined();
  });
});

describe('a form', () => {
  const older = client({ elicitation: {} }, '2025-06-18');
  const form = (properties: JsonObject): JsonObject => ({
    message: 'm',
    requestedSchema: { type: 'object', properties, required: ['a'] },
  });

  it('is asked without a mode of 2025-06-18, and not at all before', () => {
    expect(asked('elicitation/create', { mode: 'form', ...form({}) }, older)).toEqual(form({}));
    expect(asked('elicitation/create', form({}), client({ elicitation: {} }, '2025-03-26'))).toBeUndefined();
  });

  it('has titles beside its values where they cannot stand with them', () => {
    const titled = { type: 'string', title: 'T', oneOf: [{ const: 'r', title: 'Red' }], default: 'r' };
    expect(asked('elicitation/create', form({ a: titled }), older)).toEqual(
      form({ a: { type: 'string', title: 'T', enum: ['r'], enumNames: ['Red'] } }),
    );
  });

  it('has defaults of booleans only', () => {
    const given = { a: { type: 'boolean', default: true }, b: { type: 'integer', default: 3 }, c: { enum: ['x'] } };
    expect(asked('elicitation/create', form(given), older)).toEqual(form({ ...given, b: { type: 'integer' } }));
  });

  it.each([
    ['several choices', { type: 'array', items: { enum: ['a'] } }],
    ['choices that are not titled', { oneOf: [{ type: 'string' }] }],
  ])('is not asked of 2025-06-18 with %s', (_what, field) => {
    expect(asked('elicitation/create', form({ a: { type: 'string' }, b: field }), older)).toBeUndefined();
  });

  it('is not asked of who can only open pages', () => {
    expect(asked('elicitation/create', form({}), client({ elicitation: { url: {} } }))).toBeUndefined();
  });

  it('is valid in the words that it is asked in', () => {
    const titled = { type: 'string', oneOf: [{ const: 'r', title: 'Red' }] };
    for (const peer of [older, client(ALL)]) {
      const shaped = asked('elicitation/create', { mode: 'form', ...form({ a: titled }) }, peer);
      expect(ElicitRequestParamsSchema.safeParse(shaped).error).toBeUndefined();
    }
  });
});

describe('a page', () => {
  const page = { mode: 'url', message: 'm', url: 'https://example.com/a', elicitationId: 'e1' };

  it('keeps the id under which its end is told', () => {
    expect(asked('elicitation/create', page, client(ALL))).toEqual(page);
  });

  it.each([
    ['2025-11-25', { elicitation: {} }],
    ['2025-11-25', { elicitation: { form: {} } }],
    ['2025-06-18', { elicitation: { url: {} } }],
  ])('is not shown by a client of %s that declares %j', (revision, declared) => {
    expect(asked('elicitation/create', page, client(declared as JsonObject, revision))).toBeUndefined();
  });

  it('is not shown in a way that nobody knows', () => {
    expect(asked('elicitation/create', { ...page, mode: 'hologram' }, client(ALL))).toBeUndefined();
  });
});

describe('sampling', () => {
  const messages = [{ role: 'user', content: TEXT }];
  const plain = client({ sampling: {} });

  it.each([
    [{ messages, maxTokens: 1, tools: [] }],
    [{ messages, maxTokens: 1, toolChoice: { mode: 'none' } }],
    [{ messages: [{ role: 'user', content: [{ type: 'tool_result', toolUseId: 't', content: [] }] }], maxTokens: 1 }],
  ])('with tools is not asked of a client without them (%#)', (params) => {
    expect(asked('sampling/createMessage', params as JsonObject, plain)).toBeUndefined();
    expect(asked('sampling/createMessage', params as JsonObject, client(ALL, '2025-06-18'))).toBeUndefined();
  });

  it('is told of no context unless the client has it, where clients can say so', () => {
    const params = { messages, maxTokens: 1, includeContext: 'thisServer' };
    expect(asked('sampling/createMessage', params, plain)).toEqual({ ...params, includeContext: 'none' });
    for (const peer of [client(ALL, '2025-06-18'), client(ALL)]) {
      expect(asked('sampling/createMessage', params, peer)).toEqual(params);
    }
  });

  it('has one block a message for clients that know no more', () => {
    const audio = { type: 'audio', data: '', mimeType: 'audio/wav' };
    const params = { messages: [{ role: 'user', content: [TEXT, audio] }], maxTokens: 1 };
    const shaped = asked('sampling/createMessage', params, client({ sampling: {} }, '2024-11-05'));
    expect(shaped?.['messages']).toEqual([
      { role: 'user', content: TEXT },
      { role: 'user', content: { type: 'text', text: '[audio audio/wav]' } },
    ]);
    expect(CreateMessageRequestParamsSchema.safeParse(shaped).error).toBeUndefined();
    expect(asked('sampling/createMessage', params, plain)).toEqual(params);
  });
});
