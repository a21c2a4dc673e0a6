import { createHmac } from 'node:crypto';

import { connect, textOf } from '../support/clients.ts';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { KeepingServer } from '../support/keeping-server.ts';
import { initialize, request as message } from '../support/raw-clients.ts';
import { until } from '../support/until.ts';

const SECRET = 'canary-secret-of-more-than-thirty-two-bytes';

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token signed with the secret that is configured. */
function tokenOf(claims: object, alg = 'HS256'): string {
  const signed = `${encoded({ alg, typ: 'JWT' })}.${encoded({ sub: 'alice', ...claims })}`;
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}

const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1_000) + seconds;

describe('a gateway that asks who is there, and says nothing of how', { concurrent: false }, () => {
  let gateway: RunningGateway;

  beforeAll(async () => {
    gateway = await startGateway(`${EPHEMERAL}[security.auth]\nenabled = true\njwt_secret = "\${CANARY}"\n`, {
      env: { CANARY: SECRET },
    });
  });

  afterAll(() => gateway?.stop());

  const comeIn = async (headers: Record<string, string>, query = ''): Promise<number> => {
    const common = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const body = JSON.stringify(initialize());
    const answer = await fetch(gateway.url + query, { method: 'POST', headers: { ...common, ...headers }, body });
    return answer.status;
  };

  it.each<[what: string, token: () => string, status: number]>([
    ['a token that is good for a while', () => tokenOf({ exp: inSeconds(60) }), 200],
    ['one that ended within the skew', () => tokenOf({ exp: inSeconds(-15) }), 200],
    ['one that ended before it', () => tokenOf({ exp: inSeconds(-45) }), 401],
    ['one that is to begin', () => tokenOf({ exp: inSeconds(600), nbf: inSeconds(120) }), 401],
    ['one without an end', () => tokenOf({}), 401],
    ['one of no algorithm', () => `${encoded({ alg: 'none' })}.${encoded({ exp: inSeconds(60) })}.`, 401],
    ['one that claims another algorithm', () => tokenOf({ exp: inSeconds(60) }, 'HS512'), 401],
  ])('6: takes or leaves %s', async (_, token, status) => {
    expect(await comeIn({ authorization: `Bearer ${token()}` })).toBe(status);
  });

  it('7: takes a token from no other place than its header', async () => {
    const token = tokenOf({ exp: inSeconds(60) });
    expect(await comeIn({}, `?access_token=${token}`)).toBe(401);
    expect(await comeIn({}, `?token=${token}`)).toBe(401);
    expect(await comeIn({ cookie: `access_token=${token}` })).toBe(401);
    expect(await comeIn({ 'x-access-token': token })).toBe(401);
    expect(JSON.stringify(gateway.lines)).not.toContain(token);
  });

  it('20: lets an address fail ten times in a minute', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 11; n++) statuses.push(await comeIn({ authorization: `Bearer ${tokenOf({ n })}` }));
    expect(statuses[0]).toBe(401);
    expect(statuses.at(-1)).toBe(429);
  });
});

describe('a gateway with servers of which nothing is said but where they are', { concurrent: false }, () => {
  let keeper: KeepingServer;
  let gateway: RunningGateway;

  beforeAll(async () => {
    keeper = await new KeepingServer().listen();
    gateway = await startGateway(
      `${EPHEMERAL}
[[upstream.groups.keeper.servers]]
url = "${keeper.url}"
[[upstream.groups.one.servers]]
command = "node"
args = ["test/fixtures/environment-server/stdio.ts"]
[[upstream.groups.two.servers]]
command = "node"
args = ["test/fixtures/environment-server/stdio.ts"]
`,
      { env: { CANARY: SECRET } },
    );
    await gateway.ready();
  });

  afterAll(async () => {
    await gateway?.stop();
    await keeper?.[Symbol.asyncDispose]();
  });

  it('8, 25: hands on no header of the client, and sends no call a second time', async () => {
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: 'Bearer canary',
      cookie: 'canary=1',
      'x-api-key': 'canary',
      'x-forwarded-for': '203.0.113.9',
      'x-custom': 'canary',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    };
    const post = (body: object, more: Record<string, string> = {}): Promise<Response> =>
      fetch(`${gateway.url}/keeper`, { method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify(body) });
    const opened = await post(initialize());
    const session = { 'mcp-session-id': opened.headers.get('mcp-session-id')! };
    const answer = await (await post(message('tools/call', 7, { name: 'break', arguments: {} }), session)).text();
    expect(answer).toContain('upstream_unavailable');
    const calls = keeper.askedFor('tools/call');
    expect(calls).toHaveLength(1);
    expect(JSON.stringify(keeper.requests)).not.toMatch(/canary|4bf92f|203\.0\.113\.9/);
  });

  it('12: shows a child PATH, HOME, LANG and TZ of its environment', async () => {
    const client = await connect(gateway, 'websocket', '/mcp/one');
    const found = Object.keys(JSON.parse(textOf(await client.callTool({ name: 'environment' }))) as object);
    await client.close();
    expect(found.filter((name) => !['PATH', 'HOME', 'LANG', 'TZ'].includes(name))).toEqual([]);
  });

  it('34: calls tools by their group, and compares them with nothing that was not approved', async () => {
    const client = await connect(gateway, 'streamable_http');
    const { tools } = await client.listTools();
    await client.close();
    expect(tools.map(({ name }) => name).toSorted()).toEqual(['keeper__break', 'one__environment', 'two__environment']);
    const { upstream } = await gateway.json<{ upstream: { groups: Record<string, object> } }>('/api/v1/config');
    expect(upstream.groups['one']).toMatchObject({ on_drift: 'log' });
  });

  it('36: logs a call without what it says', async () => {
    const client = await connect(gateway, 'websocket', '/mcp/one');
    await client.callTool({ name: 'environment', arguments: { secret: 'canary-argument' } });
    await client.close();
    const line = await until(() => gateway.lines.findLast(({ method }) => method === 'tools/call'), 'the access line');
    expect(line).toMatchObject({ request_id: expect.any(String) });
    expect(JSON.stringify(gateway.lines)).not.toMatch(/canary-argument|registerTool|LANG=/);
  });
});
