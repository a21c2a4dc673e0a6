import { envelope, headersOf, modern, modernCall, postModern } from '../support/modern.ts';
import type { HttpAnswer, Json } from '../support/raw-clients.ts';
import { ScriptedModern } from '../support/scripted-modern.ts';
import { Target } from './support/target.ts';

const META = JSON.stringify(envelope());
const SCHEMA = { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } };

/** What a modern client says of itself and of its request, in headers and in the body, in bad hands. */
describe('under attack', () => {
  let server: ScriptedModern;
  let target: Target;

  beforeAll(async () => {
    server = await ScriptedModern.start({ tools: {} });
    const tools = ['safe', 'danger'].map((name) => ({ name, inputSchema: SCHEMA }));
    server.on('tools/list', (asked) => asked.reply({ tools, ttlMs: 60_000, cacheScope: 'private' }));
    server.on('tools/call', (asked) =>
      asked.reply({ content: [{ type: 'text', text: String(asked.params['name']) }] }),
    );
    target = await Target.start(`[[upstream.groups.h.servers]]\n${server.toml}\n`);
    await postModern(target, modern('tools/list', 0));
  });
  afterEach(() => target.unharmed());
  afterAll(async () => {
    await target?.stop();
    await server[Symbol.asyncDispose]();
  });

  const headers = { ...headersOf(modernCall('h__safe', 1)), 'mcp-param-region': 'eu' };
  const posted = async (params: string, more: Json = {}, method = '"method":"tools/call"'): Promise<HttpAnswer> => {
    const body = `{"jsonrpc":"2.0","id":1,${method},"params":{${params}}}`;
    const answer = await target.post(body, { ...headers, ...more });
    target.heard(answer.text);
    return answer;
  };
  const refused = ({ status, json }: HttpAnswer): unknown[] => [status, (json['error'] as Json | undefined)?.['code']];

  it.each([
    ['a name that stands twice', `"name":"h__safe","name":"h__danger","_meta":${META}`],
    ['a name that stands twice, once in escapes', `"name":"h__safe","n\\u0061me":"h__danger","_meta":${META}`],
    ['arguments that stand twice', `"name":"h__safe","arguments":{"region":"eu"},"arguments":{},"_meta":${META}`],
    ['an envelope that stands twice', `"name":"h__safe","_meta":{},"_meta":${META}`],
    [
      'a version that stands twice',
      `"name":"h__safe","_meta":{"io.modelcontextprotocol/protocolVersion":"x",${META.slice(1)}`,
    ],
  ])('sends no server %s', async (_, params) => {
    const before = server.heard.length;
    expect(refused(await posted(params))).toEqual([400, -32600]);
    expect(server.heard.length).toBe(before);
  });

  it('sends no server a method that stands twice', async () => {
    const method = '"method":"tools/list","method":"tools/call"';
    expect(refused(await posted(`"name":"h__safe","_meta":${META}`, {}, method))).toEqual([400, -32600]);
  });

  it.each<[what: string, more: Json, code: number]>([
    ['another name', { 'mcp-name': 'h__danger' }, -32020],
    ['two names', { 'mcp-name': ['h__safe', 'h__safe'] }, -32600],
    ['two methods', { 'mcp-method': ['tools/call', 'tools/call'] }, -32600],
    ['two versions', { 'mcp-protocol-version': ['2026-07-28', '2026-07-28'] }, -32600],
    ['two regions', { 'mcp-param-region': ['eu', 'eu'] }, -32600],
    ['another region', { 'mcp-param-region': 'us' }, -32020],
    ['another region in Base64', { 'mcp-param-region': '=?base64?dXM=?=' }, -32020],
    ['Base64 of no UTF-8', { 'mcp-param-region': '=?base64?/w==?=' }, -32020],
    ['Base64 within Base64', { 'mcp-param-region': '=?base64?PT9iYXNlNjQ/WlhVPT89?=' }, -32020],
  ])('takes no headers with %s than the body has', async (_, more, code) => {
    const before = server.heard.length;
    const params = `"name":"h__safe","arguments":{"region":"eu"},"_meta":${META}`;
    expect(refused(await posted(params, more))).toEqual([400, code]);
    expect(server.heard.length).toBe(before);
  });

  it('takes headers for what they are, and not for as many as there may be', async () => {
    const params = `"name":"h__safe","arguments":{"region":"eu"},"_meta":${META}`;
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`mcp-param-x${at}`, 'y']));
    expect((await posted(params, many)).status).toBe(200);
    expect((await posted(params, { 'mcp-param-x': 'y'.repeat(20_000) })).status).toBe(431);
    const answered = await posted(`"name":"h__safe","arguments":{"__proto__":{"region":"us"}},"_meta":${META}`);
    expect(answered.status).toBe(200);
    const breaking = JSON.stringify('eu\r\nx-smuggled: 1');
    const spelled = `=?base64?${Buffer.from('eu\r\nx-smuggled: 1').toString('base64')}?=`;
    await posted(`"name":"h__safe","arguments":{"region":${breaking}},"_meta":${META}`, {
      'mcp-param-region': spelled,
    });
    const last = server.heardOf('tools/call').at(-1)!;
    expect([last.headers['mcp-param-region'], last.headers['x-smuggled']]).toEqual([spelled, undefined]);
  });

  it('tells a server nothing of capabilities that only look like some', async () => {
    const odd = '{"__proto__":{"elicitation":{}},"constructor":{"sampling":{}},"toString":1,"roots":[]}';
    const meta = `{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":${odd}}`;
    const params = `"name":"h__safe","arguments":{"region":"eu"},"_meta":${meta}`;
    expect((await posted(params)).status).toBe(200);
    const told = server.heardOf('tools/call').at(-1)!.meta['io.modelcontextprotocol/clientCapabilities'];
    expect(told).toEqual({});
    const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
    expect(refused(await posted(params.replace(odd, deep)))).toEqual([400, -32700]);
  });

  it('keeps little of clients that are another one each time', async () => {
    const socket = await target.connect();
    const before = target.memory;
    for (let round = 0; round < 40; round++) {
      for (let each = 0; each < 50; each++) {
        const name = `${round}-${each}-${'n'.repeat(1_000)}`;
        const capabilities = { elicitation: {}, extensions: { [name]: {} }, experimental: { [name]: {} } };
        socket.send(
          modern('server/discover', name.slice(0, 8), {}, { capabilities, clientInfo: { name, version: '1' } }),
        );
      }
      for (let each = 0; each < 50; each++) await socket.next();
    }
    socket.socket.terminate();
    expect(target.memory - before).toBeLessThan(150);
  });
});
