import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { LineClient } from '../support/line-client.ts';
import { initialize, request, type Json, type WsClient } from '../support/raw-clients.ts';
import { SseClient } from '../support/sse-client.ts';
import { EXAMPLE, Target } from './support/target.ts';

const deep = (levels: number): string => '{"a":'.repeat(levels) + '1' + '}'.repeat(levels);
const wide = (keys: number): string => `{${Array.from({ length: keys }, (_, n) => `"${n}":0`).join()}}`;
const ping = (id: string): string => `{"jsonrpc":"2.0","id":${id},"method":"ping"}`;
const called = (params: string): string => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;
const echo = (text: string): string => called(`{"name":"echo","arguments":{"text":${text}}}`);

/** What is sent, and the error code it gets. */
const REFUSED: [what: string, body: string | Buffer, code: number][] = [
  ['nothing', '', -32_700],
  ['half of something', '{"jsonrpc":"2.0","id":1', -32_700],
  ['two documents', `${ping('1')}${ping('2')}`, -32_700],
  ['a byte order mark', `\uFEFF${ping('1')}`, -32_700],
  ['bytes that are not UTF-8', Buffer.from('{"jsonrpc":"2.0","id":1,"method":"\xff"}', 'latin1'), -32_700],
  ['a lone surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), -32_700],
  ['an overlong slash', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), -32_700],
  ['a comment', `${ping('1')}//`, -32_700],
  ['a trailing comma', '{"jsonrpc":"2.0","id":1,"method":"ping",}', -32_700],
  ['NaN', '{"jsonrpc":"2.0","id":NaN,"method":"ping"}', -32_700],
  ['a NUL behind it', `${ping('1')}\0`, -32_700],
  ['objects 200 deep', called(deep(200)), -32_700],
  ['objects 200,000 deep', called(deep(200_000)), -32_700],
  ['arrays 200,000 deep', '['.repeat(200_000), -32_700],
  ['an object with 10,001 members', called(wide(10_001)), -32_700],
  ['a message with 10,001 members', `{"jsonrpc":"2.0","id":1,"method":"ping",${wide(10_000).slice(1)}`, -32_700],
  ['a number', '1', -32_600],
  ['null', 'null', -32_600],
  ['a string', '"ping"', -32_600],
  ['an array in a revision without batches', `[${ping('1')}]`, -32_600],
  ['another JSON-RPC', '{"jsonrpc":"1.0","id":1,"method":"ping"}', -32_600],
  ['no JSON-RPC', '{"id":1,"method":"ping"}', -32_600],
  ['a method that is no string', '{"jsonrpc":"2.0","id":1,"method":["ping"]}', -32_600],
  ['a method of 1 MiB', `{"jsonrpc":"2.0","id":1,"method":"${'x'.repeat(1_048_576)}"}`, -32_600],
  ['a method twice', '{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}', -32_600],
  ['a method twice, one escaped', '{"jsonrpc":"2.0","id":1,"method":"ping","m\\u0065thod":"tools/list"}', -32_600],
  ['a name twice', called('{"name":"echo","name":"add"}'), -32_600],
  ['params that are an array', '{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}', -32_600],
  ['a request that is a reply', '{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}', -32_600],
  ['an id that is null', ping('null'), -32_600],
  ['an id that is an object', ping('{}'), -32_600],
  ['an id that is true', ping('true'), -32_600],
  ['an id beyond 2^53', ping('9007199254740993'), -32_600],
  ['a fractional id', ping('1.5'), -32_600],
  ['an infinite id', ping('1e999'), -32_600],
  ['an id of 100,000 digits', ping('1'.repeat(100_000)), -32_600],
  ['an id of 257 characters', ping(`"${'x'.repeat(257)}"`), -32_600],
  ['a method in capitals', '{"jsonrpc":"2.0","id":1,"method":"PING"}', -32_601],
  ['a method of all objects', '{"jsonrpc":"2.0","id":1,"method":"__proto__"}', -32_601],
  ['a method of servers', '{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{}}', -32_601],
  ['a notification that wants an answer', '{"jsonrpc":"2.0","id":1,"method":"notifications/cancelled"}', -32_601],
  ['a line break in a method', '{"jsonrpc":"2.0","id":1,"method":"ping\\r\\nX: y"}', -32_601],
  ['metadata that is a list', '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":[]}}', -32_602],
  ['a token that is a list', called('{"name":"echo","_meta":{"progressToken":[]}}'), -32_602],
  ['a name that is a list', called('{"name":["echo"]}'), -32_602],
  ['arguments that are a list', called('{"name":"echo","arguments":[]}'), -32_602],
  ['a tool of all objects', called('{"name":"__proto__"}'), -32_602],
  ['another tool of all objects', called('{"name":"constructor","arguments":{}}'), -32_602],
  ['a tool with a NUL', called('{"name":"echo\\u0000"}'), -32_602],
  ['a tool of 100 KB', called(`{"name":"${'x'.repeat(100_000)}"}`), -32_602],
  [
    'a cursor that was never given',
    '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"e30"}}',
    -32_602,
  ],
  [
    'a cursor of all objects',
    '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"__proto__"}}',
    -32_602,
  ],
  [
    'a level of all objects',
    '{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"__proto__"}}',
    -32_602,
  ],
  [
    'a path for a resource',
    '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///etc/passwd"}}',
    -32_602,
  ],
];

/** What looks like an attack and is none. */
const SERVED: [what: string, body: string, result: Json][] = [
  ['an id that is nothing', ping('""'), {}],
  ['a negative id', ping('-7'), {}],
  ['an id with a NUL', ping('"\\u0000"'), {}],
  ['an id that looks like another', ping('"__proto__"'), {}],
  [
    '10 members of all objects',
    called('{"name":"add","arguments":{"a":1,"b":2,"__proto__":{"a":5}}}'),
    { structuredContent: { sum: 3 } },
  ],
  [
    'text with separators',
    echo('"\\u2028\\u2029\\r\\n\\n\\ndata: x"'),
    { content: [{ type: 'text', text: '\u2028\u2029\r\n\n\ndata: x' }] },
  ],
  ['text that looks like a message', echo(JSON.stringify(ping('9'))), { content: [{ type: 'text', text: ping('9') }] }],
  ['half a character', echo('"\\ud800"'), { content: [{ type: 'text', text: '\ud800' }] }],
  [
    'members in capitals beside the true ones',
    '{"jsonrpc":"2.0","ID":9,"id":1,"Method":"x","method":"ping","PARAMS":[]}',
    {},
  ],
];

describe('messages meant to do harm', () => {
  let target: Target;
  let client: WsClient;
  let session: Record<string, string>;
  let stream: SseClient;
  let line: LineClient;
  const directory = mkdtempSync(join(tmpdir(), 'mcp-json-rpc-'));

  beforeAll(async () => {
    const path = join(directory, 'mcp.sock');
    target = await Target.start(EXAMPLE, `unix_socket = "${path}"`);
    client = await target.introduced();
    stream = await SseClient.introduced(target, '2025-11-25');
    line = await LineClient.introduced(path);
    session = await target.session();
  });
  afterEach(() => target.unharmed());
  afterAll(async () => {
    client?.socket.terminate();
    stream?.close();
    line?.socket.destroy();
    await target?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it.each(REFUSED)('over HTTP: %s', async (_, body, code) => {
    const { status, json, text } = await target.post(body, session);
    target.heard(text);
    expect(json).toMatchObject({ jsonrpc: '2.0', error: { code } });
    expect(status).toBe(code === -32_700 || code === -32_600 ? 400 : 200);
    expect(text.length).toBeLessThan(400);
  });

  it.each(REFUSED)('over WebSocket: %s', async (_, body, code) => {
    client.socket.send(body, { binary: false });
    // Text that is not UTF-8 is not even text there.
    if (Buffer.isBuffer(body)) {
      expect(await client.closed).toBe(1007);
      client = await target.introduced();
      return;
    }
    const answer = await client.next();
    target.heard(JSON.stringify(answer));
    expect(answer).toMatchObject({ jsonrpc: '2.0', error: { code } });
  });

  it.each(REFUSED)('over HTTP+SSE: %s', async (_, body, code) => {
    const { status, text } = await stream.post(body);
    const said = status === 202 ? await stream.nextText() : text;
    target.heard(said);
    expect(JSON.parse(said)).toMatchObject({ jsonrpc: '2.0', error: { code } });
    expect(status).toBe(code === -32_700 || code === -32_600 ? 400 : 202);
  });

  // An empty line is no message there.
  it.each(REFUSED.filter(([, body]) => body !== ''))('over a unix socket: %s', async (_, body, code) => {
    line.socket.write(Buffer.concat([Buffer.from(body), Buffer.from('\n')]));
    const answer = await line.next();
    target.heard(JSON.stringify(answer));
    expect(answer).toMatchObject({ jsonrpc: '2.0', error: { code } });
  });

  it.each(SERVED)('serves %s', async (_, body, result) => {
    const { json } = await target.post(body, session);
    expect(json).toMatchObject({ id: (JSON.parse(body) as Json)['id'], result });
    for (const other of [client, stream, line]) expect(await other.ask(body)).toMatchObject({ result });
  });

  it('takes a batch of 100 in the revision that has them, and no more', async () => {
    const old = await target.session('2025-03-26');
    const batch = (size: number) => JSON.stringify(Array.from({ length: size }, (_, id) => request('ping', id)));
    expect(await target.post(batch(100), old)).toMatchObject({ status: 200, json: { length: 100 } });
    for (const body of [batch(101), '[]', `[${JSON.stringify(initialize())}]`, `[[${ping('1')}]]`]) {
      const { text } = await target.post(body, old);
      expect(text).toContain('-32600');
    }
  });

  it('answers no notification and no reply, whatever stands in it', async () => {
    for (const body of [
      '{"jsonrpc":"2.0","method":"__proto__"}',
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{"__proto__":1}}}',
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":[],"progress":"x"}}',
      '{"jsonrpc":"2.0","id":1,"result":{}}',
      '{"jsonrpc":"2.0","id":"guessed","error":{"code":1,"message":"x"}}',
    ]) {
      expect((await target.post(body, session)).status).toBe(202);
      client.send(body);
    }
    expect(await client.ask(ping('"after"'))).toMatchObject({ id: 'after', result: {} });
  });

  it('lets no name break out of its log line', async () => {
    const evil = '\r\n{"level":"fatal"}\u001b[31m\u202e\u2028\u009b31m';
    const { headers } = await target.post({
      ...initialize(),
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: `evil${evil}`, version: '1' } },
    });
    const hers = { ...session, 'mcp-session-id': String(headers['mcp-session-id']) };
    await target.post(request('tools/call', 1, { name: `tool${evil}` }), hers);
    await target.post(request(`method${evil}`, 1), hers);
    await target.http('GET', { path: '/%0d%0a%1b[31m', headers: { host: 'localhost', 'x-request-id': 'a b\u00ff' } });
    const lines = await target.logged(({ client_name: name }) => String(name).startsWith('evil'));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of target.gateway.lines) expect(line['level']).toMatch(/^(debug|info|warn)$/);
    expect(lines.join()).not.toMatch(/[\p{C}\u2028\u2029]/u);
    const { text } = await target.http('GET', { path: '/api/v1/connections', headers: { host: 'localhost' } });
    expect(text).not.toMatch(/\\u001b|\u202e|\u009b/);
  });
});
