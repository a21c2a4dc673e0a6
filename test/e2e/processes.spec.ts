import { randomBytes } from 'node:crypto';

import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

const TYPES = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const KEY = randomBytes(32).toString('base64');
const NEXT_KEY = randomBytes(32).toString('base64');
const OTHER_KEY = 'a sentence that nobody else would take for a key';

function configWith(...keys: readonly string[]): string {
  return `${EPHEMERAL}
[session]
keys = [${keys.map((key) => `"${key}"`).join(', ')}]
[gateway]
page_size = 1
[[upstream.groups.default.servers]]
command = "node"
args = ["examples/basic/src/server.ts"]
`;
}

type Headers = Record<string, string>;

function post(gateway: RunningGateway, message: object, session: Headers = {}, url = gateway.url): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { ...TYPES, ...session }, body: JSON.stringify(message) });
}

/** Opens a session and tells the headers that name it. */
async function sessionOf(gateway: RunningGateway): Promise<Headers> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } };
  const { headers } = await post(gateway, { jsonrpc: '2.0', id: 0, method: 'initialize', params });
  return { 'mcp-session-id': headers.get('mcp-session-id')!, 'mcp-protocol-version': '2025-11-25' };
}

function listTools(gateway: RunningGateway, session: Headers, cursor?: string): Promise<Response> {
  return post(gateway, { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { cursor } }, session);
}

/** Two processes that share nothing but their keys. */
describe('gateways with the same session key', () => {
  const running: RunningGateway[] = [];
  let one: RunningGateway;
  let two: RunningGateway;

  const started = async (...keys: readonly string[]) => {
    const env = { KEY, NEXT_KEY, OTHER_KEY };
    const gateway = await startGateway(configWith(...keys), { env });
    running.push(gateway);
    return gateway.ready();
  };

  beforeAll(async () => {
    [one, two] = await Promise.all([started('${KEY}'), started('${KEY}')]);
  });

  afterAll(() => Promise.all(running.map((gateway) => gateway.stop())));

  it('serve one session between them: begun here, used there, listened to and ended', async () => {
    const session = await sessionOf(one);
    expect(session['mcp-session-id']).toMatch(/^gw1\.[\w-]{8}\.[\w-]+$/);
    const echo = { name: 'echo', arguments: { text: 'across' } };

    const called = await post(two, { jsonrpc: '2.0', id: 1, method: 'tools/call', params: echo }, session);
    expect([called.status, await called.text()]).toEqual([200, expect.stringContaining('across')]);

    const stream = await fetch(two.url, { headers: { ...session, accept: 'text/event-stream' } });
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream']);

    const ended = await fetch(two.url, { method: 'DELETE', headers: session });
    expect(ended.ok).toBe(true);
    // Its stream ends with it.
    for await (const _ of stream.body!);
    expect((await listTools(two, session)).status).toBe(404);
  });

  it("take each other's cursors", async () => {
    const session = await sessionOf(one);
    const { result: first } = (await (await listTools(one, session)).json()) as { result: Record<string, unknown> };
    const page = (gateway: RunningGateway) =>
      listTools(gateway, session, String(first['nextCursor'])).then((response) => response.json());

    const here = await page(one);
    expect(here).toMatchObject({ result: { tools: [expect.anything()] } });
    expect(here).not.toMatchObject({ result: { tools: first['tools'] } });
    expect(await page(two)).toMatchObject({ result: { tools: (here as { result: { tools: unknown } }).result.tools } });
  });

  it('do not take a session to another route', async () => {
    const session = await sessionOf(one);
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    expect((await post(two, message, session, `${two.url}/default`)).status).toBe(404);
    expect((await post(two, message, session)).status).toBe(200);
  });

  it('do not know what was sealed with another key, or changed on the way', async () => {
    const stranger = await started('${OTHER_KEY}');
    const session = await sessionOf(one);
    expect((await listTools(stranger, session)).status).toBe(404);
    const token = session['mcp-session-id']!;
    const changed = token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A');
    expect((await listTools(two, { ...session, 'mcp-session-id': changed })).status).toBe(404);
  });

  it('lose no session while a new key takes over, until the old one is no longer listed', async () => {
    const old = await sessionOf(one);
    const rotated = await started('${NEXT_KEY}', '${KEY}');
    expect((await listTools(rotated, old)).status).toBe(200);

    const young = await sessionOf(rotated);
    expect((await listTools(one, young)).status).toBe(404);
    one.rewrite(configWith('${NEXT_KEY}', '${KEY}'));
    one.process.kill('SIGHUP');
    await until(async () => (await listTools(one, young)).status === 200, 'the first process to take the new key');
    expect((await listTools(one, old)).status).toBe(200);

    const without = await started('${NEXT_KEY}');
    expect((await listTools(without, old)).status).toBe(404);
    expect((await listTools(without, young)).status).toBe(200);
    const said = running.flatMap(({ lines }) => lines).map((line) => JSON.stringify(line));
    expect(said.filter((line) => [KEY, NEXT_KEY, OTHER_KEY].some((key) => line.includes(key)))).toEqual([]);
  });
});
