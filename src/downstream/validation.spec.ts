import { Logger } from '@nestjs/common';

import { call, DownstreamApp, initialize, request, type HttpAnswer, type Json } from '../../test/support/downstream.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { MODERN, modern, modernCall, postModern } from '../../test/support/modern.js';
import type { ConfigService } from '../config/index.js';
import { Events, type GatewayEvents } from '../core/events.js';
import { RULES, Violation, type RuleName } from '../protocol/index.js';
import { GatewaySection, type ValidationMode } from '../routing/index.js';
import { Validation } from './validation.js';

type Session = Record<string, string>;

/** A request over HTTP that breaks one rule and is right in all else. */
interface Case {
  readonly rule: RuleName;
  readonly what: string;
  readonly send: (app: DownstreamApp, session: Session) => Promise<HttpAnswer>;
  /** Status and JSON-RPC code of the refusal. */
  readonly refused: readonly [number, number];
}

const VERSION = { 'mcp-protocol-version': MODERN };
const JSON_ONLY = { accept: 'application/json' };

function posts(message: Json, headers: Json = {}): Case['send'] {
  return (app, session) => app.post(message, { ...session, ...headers });
}

const FORGIVABLE: readonly Case[] = [
  { rule: 'accept', what: 'JSON only', send: posts(call('t', 1), JSON_ONLY), refused: [406, -32000] },
  { rule: 'accept', what: 'a page', send: posts(call('t', 1), { accept: 'text/html' }), refused: [406, -32000] },
  ...['text/json', 'application/json-rpc', 'application/vnd.mcp+json; charset=utf-8'].map((type) => ({
    rule: 'content_type_spelling' as const,
    what: type,
    send: posts(call('t', 1), { 'content-type': type }),
    refused: [415, -32000] as const,
  })),
  {
    rule: 'revision_header',
    what: 'a revision that nobody speaks',
    send: posts(call('t', 1), { 'mcp-protocol-version': '1999-01-01' }),
    refused: [400, -32000],
  },
  {
    rule: 'introduction',
    what: 'no version',
    send: (app) => app.post(request('initialize', 1, { capabilities: {} })),
    refused: [200, -32602],
  },
  {
    rule: 'introduction',
    what: 'capabilities and a name that are none',
    send: (app) =>
      app.post(request('initialize', 1, { protocolVersion: '2025-06-18', capabilities: [], clientInfo: 'x' })),
    refused: [200, -32602],
  },
  { rule: 'arguments', what: 'a list', send: posts(call('t', 1, { arguments: [1] })), refused: [200, -32602] },
  {
    rule: 'prompt_argument',
    what: 'a number',
    send: posts(request('prompts/get', 1, { name: 'p', arguments: { n: 1 } })),
    refused: [200, -32602],
  },
  {
    rule: 'completion_argument',
    what: 'no value',
    send: posts(request('completion/complete', 1, { ref: { type: 'ref/prompt', name: 'p' }, argument: { name: 'a' } })),
    refused: [200, -32602],
  },
];

const UNFORGIVABLE: readonly Case[] = [
  { rule: 'host', what: 'a foreign name', send: posts(call('t', 1), { host: 'evil.example' }), refused: [403, -32000] },
  {
    rule: 'origin',
    what: 'a page',
    send: posts(call('t', 1), { origin: 'https://evil.example' }),
    refused: [403, -32000],
  },
  {
    rule: 'session_unknown',
    what: 'made up',
    send: posts(call('t', 1), { 'mcp-session-id': 'x' }),
    refused: [404, -32001],
  },
  { rule: 'session_required', what: 'none', send: (app) => app.post(call('t', 1)), refused: [400, -32000] },
  {
    rule: 'content_type',
    what: 'a form',
    send: posts(call('t', 1), { 'content-type': 'text/plain' }),
    refused: [415, -32000],
  },
  {
    rule: 'content_encoding',
    what: 'gzip',
    send: posts(call('t', 1), { 'content-encoding': 'gzip' }),
    refused: [415, -32000],
  },
  { rule: 'json', what: 'no JSON', send: (app, session) => app.post('{', session), refused: [400, -32700] },
  {
    rule: 'utf8',
    what: 'Latin-1',
    send: (app, session) => app.post(Buffer.from([0x22, 0xe9, 0x22]), session),
    refused: [400, -32700],
  },
  {
    rule: 'message_size',
    what: 'too much',
    send: (app, session) => app.post('x'.repeat(5_000), session),
    refused: [413, -32000],
  },
  {
    rule: 'json_depth',
    what: 'a deep one',
    send: posts(call('t', 1, { arguments: nested(70) })),
    refused: [400, -32700],
  },
  { rule: 'message_shape', what: 'a number', send: (app, session) => app.post('1', session), refused: [400, -32600] },
  {
    rule: 'member_twice',
    what: 'two methods',
    send: (app, session) => app.post('{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}', session),
    refused: [400, -32600],
  },
  {
    rule: 'jsonrpc_version',
    what: 'the first',
    send: posts({ ...call('t', 1), jsonrpc: '1.0' }),
    refused: [400, -32600],
  },
  { rule: 'request_id', what: 'a fraction', send: posts({ ...call('t', 1), id: 1.5 }), refused: [400, -32600] },
  { rule: 'method', what: 'a number', send: posts({ ...call('t', 1), method: 5 }), refused: [400, -32600] },
  { rule: 'params', what: 'a list', send: posts({ ...call('t', 1), params: [] }), refused: [400, -32600] },
  { rule: 'meta', what: 'a list', send: posts(call('t', 1, { _meta: [] })), refused: [200, -32602] },
  {
    rule: 'progress_token',
    what: 'an object',
    send: posts(call('t', 1, { _meta: { progressToken: {} } })),
    refused: [200, -32602],
  },
  { rule: 'result', what: 'a text', send: posts({ jsonrpc: '2.0', id: 1, result: 'x' }), refused: [400, -32600] },
  { rule: 'error', what: 'no code', send: posts({ jsonrpc: '2.0', id: 1, error: {} }), refused: [400, -32600] },
  {
    rule: 'batch_unsupported',
    what: 'two',
    send: (app, session) => app.post([call('t', 1), call('t', 2)], session),
    refused: [400, -32600],
  },
  { rule: 'initialized_twice', what: 'again', send: posts(initialize('2025-11-25', 1)), refused: [400, -32600] },
  { rule: 'subject', what: 'no name', send: posts(request('tools/call', 1, {})), refused: [200, -32602] },
  { rule: 'cursor', what: 'a number', send: posts(request('tools/list', 1, { cursor: 3 })), refused: [200, -32602] },
  {
    rule: 'log_level',
    what: 'a colour',
    send: posts(request('logging/setLevel', 1, { level: 'blue' })),
    refused: [200, -32602],
  },
];

const MODERN_RULES: readonly Case[] = [
  { rule: 'envelope', what: 'none', send: posts(request('tools/list', 1), VERSION), refused: [400, -32602] },
  {
    rule: 'envelope',
    what: 'a list',
    send: posts(request('tools/list', 1, { _meta: [] }), VERSION),
    refused: [400, -32602],
  },
  {
    rule: 'revision',
    what: 'of the future',
    send: (app) => {
      const asked = modern('tools/list', 1, {}, { version: '2031-01-01' });
      return postModern(app, asked, { 'mcp-protocol-version': '2031-01-01' });
    },
    refused: [400, -32022],
  },
  { rule: 'era_header', what: 'none', send: posts(modern('tools/list', 1)), refused: [400, -32020] },
  { rule: 'method_header', what: 'none', send: posts(modern('tools/list', 1), VERSION), refused: [400, -32020] },
  {
    rule: 'name_header',
    what: 'another',
    send: (app) => postModern(app, modernCall('t', 1), { 'mcp-name': 'u' }),
    refused: [400, -32020],
  },
  {
    rule: 'era',
    what: 'an answer',
    send: posts({ jsonrpc: '2.0', id: 1, result: {} }, VERSION),
    refused: [400, -32600],
  },
  {
    rule: 'subject',
    what: 'no name',
    send: (app) => postModern(app, modern('tools/call', 1)),
    refused: [200, -32602],
  },
];

function nested(depth: number): Json {
  return depth === 0 ? {} : { a: nested(depth - 1) };
}

describe.each(['strict', 'lenient', 'observe'] as const)('a gateway whose validation is %s', (validation) => {
  let app: DownstreamApp;
  let session: Session;
  const broken: GatewayEvents['rule.broken'][] = [];

  beforeAll(async () => {
    vi.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    app = await DownstreamApp.start({ GatewaySection: { validation }, ServerSection: { maxBodyBytes: 4_096 } });
    app.app.get(Events).on('rule.broken', (event) => broken.push(event));
    session = await app.session();
  });

  beforeEach(() => broken.splice(0));

  afterAll(async () => {
    vi.restoreAllMocks();
    await app.stop();
  });

  const verdict = validation === 'strict' ? 'refuses' : 'forgives';
  it.each(FORGIVABLE)(`${verdict} $rule ($what), and counts it once`, async ({ rule, send, refused }) => {
    const { status, json } = await send(app, session);
    if (validation === 'strict') {
      expect([status, json['error']]).toEqual([refused[0], expect.objectContaining({ code: refused[1] })]);
    } else {
      expect([status, json['result']]).toEqual([200, expect.anything()]);
    }
    const action = validation === 'strict' ? 'refused' : 'forgiven';
    expect(broken).toEqual([{ leg: 'downstream', rule, action }]);
  });

  it.each([...UNFORGIVABLE, ...MODERN_RULES])(
    'refuses $rule ($what), and counts it once',
    async ({ rule, send, refused }) => {
      const { status, json } = await send(app, session);
      expect([status, json['error']]).toEqual([refused[0], expect.objectContaining({ code: refused[1] })]);
      expect(broken).toEqual([{ leg: 'downstream', rule, action: 'refused' }]);
    },
  );

  it('counts nothing where no rule is broken', async () => {
    const later = await app.session();
    expect((await app.post(call('t', 1), later)).status).toBe(200);
    expect((await app.http('DELETE', { headers: later })).status).toBe(200);
    const client = await app.introduced();
    expect(await client.ask(call('t', 2))).toMatchObject({ id: 2, result: { ok: true } });
    client.socket.close();
    expect(broken).toEqual([]);
  });

  it('refuses on a connection of its own what comes too early or twice', async () => {
    const client = await app.connect();
    expect(await client.ask(call('t', 1))).toMatchObject({ error: { code: -32600 } });
    expect(await client.ask(initialize())).toMatchObject({ result: {} });
    let finish: (reply: never) => void = () => undefined;
    const { handler } = app.routes;
    app.routes.handler = () => new Promise((resolve) => (finish = resolve));
    client.send(call('t', 7));
    expect(await client.ask(call('t', 7))).toMatchObject({ error: { code: -32600 } });
    app.routes.handler = handler;
    client.socket.close();
    finish({} as never);
    expect(broken.map(({ rule, action }) => `${rule} ${action}`)).toEqual([
      'not_initialized refused',
      'request_id_in_use refused',
    ]);
  });
});

describe('the cases', () => {
  it('are about every rule that may be forgiven', () => {
    const forgivable = (Object.keys(RULES) as RuleName[]).filter((rule) => RULES[rule].forgivable);
    expect(new Set(FORGIVABLE.map(({ rule }) => rule))).toEqual(new Set(forgivable));
    expect([...UNFORGIVABLE, ...MODERN_RULES].filter(({ rule }) => RULES[rule].forgivable)).toEqual([]);
  });
});

describe('what is observed', () => {
  function judged(validation: ValidationMode) {
    const clock = new ManualClock();
    const section = Object.assign(new GatewaySection(), { validation });
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    warn.mockClear();
    const subject = new Validation(new Events(), clock, { get: () => section } as unknown as ConfigService);
    return { clock, warn, subject };
  }

  afterEach(() => vi.restoreAllMocks());

  it('is said once a minute for each rule', () => {
    const { clock, warn, subject } = judged('observe');
    for (let n = 0; n < 3; n++) subject.judge(new Violation('accept', 'accept both'));
    subject.judge(new Violation('arguments', 'no object'));
    subject.judge(new Violation('json', 'not JSON'));
    expect(warn.mock.calls).toEqual([['forgiven: accept (accept both)'], ['forgiven: arguments (no object)']]);

    clock.advance(60_000);
    subject.judge(new Violation('accept', 'accept both'));
    expect(warn).toHaveBeenCalledTimes(3);
  });

  it('is not said where it was only to be overlooked', () => {
    const { warn, subject } = judged('lenient');
    expect(subject.judge(new Violation('accept', 'accept both'))).toBeUndefined();
    expect(warn).not.toHaveBeenCalled();
  });
});
