import { DownstreamApp, initialize, request, type Json } from '../../../test/support/downstream.js';
import { envelope, MODERN, modern, modernCall, postModern, SERVER_INFO } from '../../../test/support/modern.js';
import { GatewayError } from '../../core/errors.js';
import { JsonBytes, type JsonObject } from '../../core/json.js';
import { errorReply, result, type McpReply } from '../../core/message.js';

const SELF = { [SERVER_INFO]: { name: 'gw', version: '1.0.0' } };

let gateway: DownstreamApp;

/** `status` and what the body says of the error. */
async function refusal(message: Json, headers: Json = {}): Promise<unknown[]> {
  const { status, json } = await postModern(gateway, message, headers);
  const { code, data } = (json['error'] ?? {}) as { code?: number; data?: Json };
  return [status, json['id'], code, data?.['reason']];
}

function answers(reply: McpReply): void {
  gateway.routes.handler = () => Promise.resolve(reply);
}

function fails(error: GatewayError): void {
  gateway.routes.handler = async () => {
    throw error;
  };
}

beforeEach(async () => {
  gateway = await DownstreamApp.start({ ServerSection: { maxInFlight: 1 } });
});
afterEach(() => gateway.stop());

describe('a modern request over HTTP', () => {
  it('is told what the route is (G01)', async () => {
    gateway.routes.capabilities = { tools: { listChanged: true }, tasks: {}, extensions: { x: {} } };
    const asked = modern('server/discover', 1, {}, { clientInfo: { name: 'ide', version: '3.1' } });
    const { status, headers, json } = await postModern(gateway, asked);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    expect(headers).not.toHaveProperty('mcp-session-id');
    expect(json).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: {
        resultType: 'complete',
        supportedVersions: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'],
        capabilities: { tools: { listChanged: true }, extensions: { x: {} } },
        instructions: 'Be kind.',
        ttlMs: 60_000,
        cacheScope: 'private',
        _meta: SELF,
      },
    });
    expect(gateway.routes.seen).toEqual([]);
    expect(gateway.outcome('server/discover')).toEqual(['200 -']);
  });

  it('is served without a name, and leaves no session behind (G02)', async () => {
    answers({ ...result({ tools: [] }), freshness: { ttlMs: 30_000, scope: 'private' } });
    const { status, json, headers } = await postModern(gateway, modern('tools/list', 'a-1'));
    expect([status, json]).toEqual([
      200,
      {
        jsonrpc: '2.0',
        id: 'a-1',
        result: { resultType: 'complete', tools: [], ttlMs: 30_000, cacheScope: 'private', _meta: SELF },
      },
    ]);
    expect(headers).not.toHaveProperty('mcp-session-id');
    expect(gateway.connections).toEqual([]);
    const { exchange } = gateway.routes.seen[0]!;
    expect(exchange).toMatchObject({
      route: 'mcp',
      clientAddress: '127.0.0.1',
      peer: { era: 'modern', revision: MODERN, info: { name: '', version: '' } },
      principal: { method: 'anonymous' },
      logLevel: undefined,
      wantsProgress: false,
    });
    expect(exchange.stay).toMatchObject({ id: exchange.id, ended: true });
  });

  it('says who sends it, what that can do and which arguments stand in headers', async () => {
    const meta = {
      capabilities: { elicitation: { form: {} }, unheardOf: {} },
      clientInfo: { name: 'ide', version: '3' },
      logLevel: 'error',
      progressToken: 0,
    };
    await postModern(gateway, modernCall('t', 1, meta), { 'mcp-param-region': 'eu', 'mcp-param-limit': '42' });
    const { exchange } = gateway.routes.seen[0]!;
    expect(exchange).toMatchObject({
      peer: { capabilities: { elicitation: { form: {} } }, info: { name: 'ide', version: '3' } },
      logLevel: 'error',
      wantsProgress: true,
    });
    expect(exchange.declares).not.toHaveProperty('unheardOf');
    expect([...exchange.mirrored!]).toEqual([
      ['region', 'eu'],
      ['limit', '42'],
    ]);
  });

  it.each<[what: string, message: Json, headers: Json, refused: unknown[]]>([
    ['G03: no method header', modern('tools/list', 3), { 'mcp-method': undefined }, [400, 3, -32020]],
    ['a method header of another case', modern('tools/list', 3), { 'mcp-method': 'Tools/list' }, [400, 3, -32020]],
    ['G04: no version header', modern('tools/list', 4), { 'mcp-protocol-version': undefined }, [400, 4, -32020]],
    ['G05: another version', modern('tools/list', 5), { 'mcp-protocol-version': '2025-11-25' }, [400, 5, -32020]],
    ['G07: no capabilities', modern('tools/list', 7, {}, { capabilities: undefined }), {}, [400, 7, -32602]],
    ['a log level that is none', modern('tools/list', 7, {}, { logLevel: 'loud' }), {}, [400, 7, -32602]],
    ['G08: no envelope', request('tools/list', 8), {}, [400, 8, -32602]],
    ['a version header that is no date', request('tools/list', 8), { 'mcp-protocol-version': 'x' }, [400, 8, -32602]],
    ['G09: an unknown method', modern('tools/destroy', 9), {}, [404, 9, -32601]],
    ['G10: ping', modern('ping', 10), {}, [404, 10, -32601]],
    ['G11: initialize', { ...initialize(MODERN, 11) }, {}, [400, 11, -32020]],
    ['setLevel', modern('logging/setLevel', 11, { level: 'info' }), {}, [404, 11, -32601]],
    ['subscribe', modern('resources/subscribe', 11, { uri: 'a:b' }), {}, [404, 11, -32601]],
    ['G12: a handshake', initialize('2025-11-25', 12), {}, [400, 12, -32020]],
    ['G13: another name', modernCall('crm__delete', 13), { 'mcp-name': 'crm__find' }, [400, 13, -32020]],
    ['no name header', modernCall('crm__find', 13), { 'mcp-name': undefined }, [400, 13, -32020]],
    [
      'G15: base64 that is none',
      modern('prompts/get', '15b', { name: 'x' }),
      { 'mcp-name': '=?base64?%%%?=' },
      [400, '15b', -32020],
    ],
    ['a tool without a name', modern('tools/call', 16, { arguments: {} }), {}, [200, 16, -32602]],
    ['a cursor that is none', modern('tools/list', 16, { cursor: 7 }), {}, [200, 16, -32602]],
  ])('is refused: %s', async (_, message, headers, refused) => {
    expect((await refusal(message, headers)).slice(0, 3)).toEqual(refused);
    expect(gateway.routes.seen).toEqual([]);
    expect(gateway.outcomes).toHaveLength(1);
  });

  it('that introduces itself with an envelope names a method that is none any more (G11)', async () => {
    const params = { protocolVersion: MODERN, capabilities: {}, clientInfo: { name: 'x', version: '1' } };
    expect((await refusal(modern('initialize', 11, params))).slice(0, 3)).toEqual([404, 11, -32601]);
  });

  it('of another version is told which ones there are (G06)', async () => {
    for (const version of ['2027-01-01', '2025-11-25']) {
      const asked = modern('tools/list', 6, {}, { version });
      const { status, json } = await postModern(gateway, asked, { 'mcp-protocol-version': version });
      expect([status, json]).toMatchObject([
        400,
        { id: 6, error: { code: -32022, data: { supported: [MODERN], requested: version } } },
      ]);
    }
  });

  it('may spell its name as base64, and has to where that looks like base64 (G14, G15)', async () => {
    const cafe = modern('prompts/get', 14, { name: 'café' });
    expect((await postModern(gateway, cafe, { 'mcp-name': '=?base64?Y2Fmw6k=?=' })).status).toBe(200);
    const odd = modern('prompts/get', 15, { name: '=?base64?Zm9v?=' });
    const spelled = { 'mcp-name': '=?base64?PT9iYXNlNjQ/Wm05dj89?=' };
    fails(new GatewayError('target_unknown', 'Unknown prompt'));
    expect(await refusal(odd, spelled)).toEqual([200, 15, -32602, 'target_unknown']);
    expect((await refusal(odd)).slice(0, 3)).toEqual([400, 15, -32020]);
  });

  it('that went wrong later is answered 200, but for what has a status of its own (G19, G20, G21, G23)', async () => {
    const cases: [GatewayError | McpReply, unknown[]][] = [
      [new GatewayError('target_unknown', 'Unknown tool: nope'), [200, 19, -32602, 'target_unknown']],
      [
        new GatewayError('resource_not_found', 'Resource not found', { uri: 'a:b' }),
        [200, 19, -32602, 'resource_not_found'],
      ],
      [new GatewayError('upstream_unavailable', 'no server'), [200, 19, -32603, 'upstream_unavailable']],
      [new GatewayError('gateway_fault', 'internal error'), [200, 19, -32603, 'gateway_fault']],
      [
        new GatewayError('protocol_missing_capability', 'no elicitation', { requiredCapabilities: {} }),
        [400, 19, -32021, 'protocol_missing_capability'],
      ],
      [errorReply(-32602, 'Unknown tool'), [200, 19, -32602, undefined]],
      [errorReply(-32601, 'Method not found'), [404, 19, -32601, undefined]],
      [errorReply(-32021, 'no', { requiredCapabilities: { elicitation: {} } }), [400, 19, -32021, undefined]],
      [errorReply(-32002, 'Resource not found'), [200, 19, -32602, undefined]],
      [errorReply(7, 'odd'), [200, 19, 7, undefined]],
    ];
    for (const [outcome, expected] of cases) {
      if (outcome instanceof GatewayError) fails(outcome);
      else answers(outcome);
      expect(await refusal(modernCall('nope', 19))).toEqual(expected);
    }
    answers(result({ isError: true, content: [] }));
    expect(await postModern(gateway, modernCall('t', 20))).toMatchObject({
      status: 200,
      json: { id: 20, result: { resultType: 'complete', isError: true, content: [], _meta: SELF } },
    });
  });

  it('is answered with every value and member that the server gave (G40)', async () => {
    const text =
      '{"content":[{"type":"hologram","n":12345678901234567890}],"structuredContent":[1,2.50],"x-vendor":{"cost":3},"resultType":"complete"}';
    answers({ kind: 'result', json: new JsonBytes(Buffer.from(text)), type: 'complete' });
    const { text: said, json } = await postModern(gateway, modernCall('crm__ids', 40));
    for (const kept of ['12345678901234567890', '[1,2.50]', '"x-vendor":{"cost":3}']) expect(said).toContain(kept);
    expect((json['result'] as JsonObject)['resultType']).toBe('complete');
  });

  it('belongs to no session, whatever its headers say, and no stream can be gone on with', async () => {
    const session = await gateway.session();
    const odd = { 'mcp-session-id': 'forged', 'last-event-id': 'a.b.1' };
    expect((await postModern(gateway, modernCall('t', 1), odd)).status).toBe(200);
    const answer = await postModern(gateway, modernCall('t', 1), { 'mcp-session-id': session['mcp-session-id'] });
    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('mcp-session-id');
    const stays = gateway.routes.seen.map(({ exchange }) => exchange.stay.id);
    expect(new Set([...stays, gateway.connections[0]]).size).toBe(3);
  });

  it('has its id for itself: others may have the same at the same time, as many as there are', async () => {
    const { promise, resolve } = Promise.withResolvers<McpReply>();
    gateway.routes.handler = () => promise;
    const waiting = [1, 1, 1].map((id) => postModern(gateway, modernCall('t', id)));
    await vi.waitUntil(() => gateway.downstream.inFlight === 3);
    resolve(result({}));
    for (const each of waiting) expect(await each).toMatchObject({ status: 200, json: { id: 1 } });
    expect(gateway.downstream.inFlight).toBe(0);
  });

  it('goes by the rules of the door (G35)', async () => {
    const asked = modern('tools/list', 35);
    expect((await postModern(gateway, asked, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await postModern(gateway, asked, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await postModern(gateway, asked, { 'content-type': 'application/json; charset=utf-8' })).status).toBe(200);
  });

  it('is refused while the gateway stops, unless it only wants to know what the route is', async () => {
    await gateway.downstream.drain(0);
    const { status, headers, json } = await postModern(gateway, modernCall('t', 1));
    expect([status, headers['retry-after'], json]).toMatchObject([503, '1', { id: 1, error: { code: -32603 } }]);
    expect((await postModern(gateway, modern('server/discover', 2))).status).toBe(200);
  });
});

describe('what is no modern request', () => {
  const headers = { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/list' };
  const meta = JSON.stringify(envelope());

  it.each([
    ['G29: a batch', `[{"jsonrpc":"2.0","id":29,"method":"tools/list","params":{"_meta":${meta}}}]`, null, -32600],
    ['G30: an id that is null', `{"jsonrpc":"2.0","id":null,"method":"tools/list","params":{}}`, null, -32600],
    ['G31: no JSON', '{"jsonrpc":', null, -32700],
    ['G32: a list of params', '{"jsonrpc":"2.0","id":32,"method":"tools/list","params":[]}', 32, -32600],
    ['G33: half an id', `{"jsonrpc":"2.0","id":1.5,"method":"tools/list","params":{"_meta":${meta}}}`, null, -32600],
    ['no object for _meta', '{"jsonrpc":"2.0","id":8,"method":"tools/list","params":{"_meta":[]}}', 8, -32602],
    ['G39: an answer', '{"jsonrpc":"2.0","id":39,"result":{}}', null, -32600],
  ])('is refused: %s', async (_, body, id, code) => {
    const { status, json } = await gateway.post(body, headers);
    expect([status, json]).toMatchObject([400, { id, error: { code } }]);
  });

  it('is refused as a batch, whichever headers it has, with one modern request in it', async () => {
    const body = `[${JSON.stringify(request('ping', 1))},${JSON.stringify(modern('tools/list', 2))}]`;
    for (const version of [undefined, '2025-03-26']) {
      const { status, json } = await gateway.post(body, { 'mcp-protocol-version': version });
      expect([status, json]).toMatchObject([400, { id: null, error: { code: -32600 } }]);
    }
  });

  it('is accepted as a notification, known or not, unless its headers say otherwise (G39)', async () => {
    const said = { jsonrpc: '2.0', method: 'notifications/x-vendor', params: {} };
    expect(await postModern(gateway, said)).toMatchObject({ status: 202, text: '' });
    expect(await postModern(gateway, said, { 'mcp-method': undefined })).toMatchObject({ status: 202, text: '' });
    const cancelled = { ...said, method: 'notifications/cancelled', params: { requestId: 1 } };
    expect((await postModern(gateway, cancelled)).status).toBe(202);
    expect((await postModern(gateway, { ...said, params: { _meta: 7 } })).status).toBe(202);
    const { status, json } = await postModern(gateway, said, { 'mcp-method': 'tools/list' });
    expect([status, json]).toMatchObject([400, { id: null, error: { code: -32020 } }]);
  });
});
