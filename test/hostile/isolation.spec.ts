import { textOf } from '../support/clients.ts';
import { call, cancelled, eventsOf, request, type Json, type WsClient } from '../support/raw-clients.ts';
import { EXAMPLE, Target } from './support/target.ts';

const COUNT_DOWN = { name: 'count_down', arguments: { from: 6, interval_ms: 50 } };

/** Clients that share one connection to one server and try to get hold of what is not theirs. */
describe('clients of the same server', () => {
  let target: Target;
  const clients: WsClient[] = [];

  beforeAll(async () => {
    target = await Target.start(EXAMPLE);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.socket.terminate();
    await target.unharmed();
  });
  afterAll(() => target?.stop());

  const introduced = async (): Promise<WsClient> => {
    const client = await target.introduced();
    clients.push(client);
    return client;
  };
  const echo = (text: string, id: string | number = 1) => call('echo', id, { arguments: { text } });

  it('get their own answers under the same id, 60 of 60', async () => {
    const sockets = await Promise.all(Array.from({ length: 30 }, introduced));
    const sessions = await Promise.all(Array.from({ length: 30 }, () => target.session()));
    const answers = await Promise.all([
      ...sockets.map((client, n) => client.ask(echo(`ws-${n}`))),
      ...sessions.map(async (session, n) => (await target.post(echo(`http-${n}`), session)).json),
    ]);
    expect(answers.map(({ result }) => textOf(result))).toEqual([
      ...sockets.map((_, n) => `ws-${n}`),
      ...sessions.map((_, n) => `http-${n}`),
    ]);
  });

  it('cannot have an id twice at once, and the first is answered all the same', async () => {
    const client = await introduced();
    client.send(request('tools/call', 'same', COUNT_DOWN));
    client.send(echo('x', 'same'));
    // Without the id, which would end the first.
    expect(Object.keys(await answerOf(client))).toEqual(['jsonrpc', 'error']);
    expect(textOf(await resultOf(client))).toBe('Counted down from 6.');

    const session = await target.session();
    const first = target.post(request('tools/call', 7, COUNT_DOWN), session);
    const again = () => target.post(echo('x', 7), session);
    let second = await again();
    while (second.status === 200) second = await again();
    expect([second.status, second.json]).toMatchObject([400, { id: 7, error: { code: -32_600 } }]);
    expect((await first).text).toContain('Counted down');
  });

  it('cannot cancel what others wait for', async () => {
    const [victim, attacker] = [await introduced(), await introduced()];
    const session = await target.session();
    victim.send(request('tools/call', 5, COUNT_DOWN));
    for (const id of [...Array(50).keys(), '5', 'good']) {
      attacker.send(cancelled(id));
      expect((await target.post(cancelled(id), session)).status).toBe(202);
    }
    expect(textOf(await resultOf(victim))).toBe('Counted down from 6.');
  });

  it('cannot answer for the server', async () => {
    const [victim, attacker] = [await introduced(), await introduced()];
    const session = await target.session();
    victim.send(request('tools/call', 5, COUNT_DOWN));
    for (const id of Array(50).keys()) {
      const forged = { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'forged' }] } };
      attacker.send(forged);
      expect((await target.post(forged, session)).status).toBe(202);
    }
    expect(textOf(await resultOf(victim))).toBe('Counted down from 6.');
  });

  it('see only their own progress under the same token, growing, and none after the reply', async () => {
    const [one, other] = [await introduced(), await introduced()];
    const session = await target.session();
    const counting = (from: number) =>
      request('tools/call', 1, {
        name: 'count_down',
        arguments: { from, interval_ms: 5 },
        _meta: { progressToken: 'tok' },
      });
    const byPost = target.post(counting(9), session);
    one.send(counting(3));
    expect(await other.ask(echo('mine'))).toMatchObject({ id: 1, result: { content: [{ text: 'mine' }] } });
    expect(totals([await one.next(), await one.next(), await one.next()])).toEqual([1, 2, 3]);
    expect(await one.next()).toMatchObject({ id: 1, result: {} });
    const events = eventsOf((await byPost).text);
    expect(totals(events.slice(0, -1))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(events.at(-1)).toMatchObject({ id: 1, result: {} });
    expect(await one.ask(request('ping', 'end'))).toMatchObject({ id: 'end' });
  });

  it.each([
    ['nothing', ''],
    ['a guess', 'c2Vzc2lvbg'],
    ['all objects', '__proto__'],
    ['a constructor', 'constructor'],
    ['a path', '../../etc/passwd'],
    ['12 KiB', 'x'.repeat(12_288)],
    ['a token of the right length', 'A'.repeat(200)],
  ])('get into no session with %s', async (_, id) => {
    for (const method of ['POST', 'GET', 'DELETE']) {
      const headers = { 'mcp-session-id': id };
      const asked = method === 'POST' ? target.post(request('ping', 1), headers) : target.http(method, { headers });
      const { status, text } = await asked;
      expect([method, status]).toEqual([method, 404]);
      if (id.length > 20) expect(text).not.toContain(id);
    }
  });

  it('cannot bend an id of their own into another', async () => {
    const { 'mcp-session-id': id = '', ...rest } = await target.session();
    for (const bent of [id.slice(0, -1), `${id}A`, id.toUpperCase(), flipped(id, 3), flipped(id, id.length - 3)]) {
      expect((await target.post(request('ping', 1), { ...rest, 'mcp-session-id': bent })).status).toBe(404);
    }
    expect((await target.post(request('ping', 1), { ...rest, 'mcp-session-id': id })).status).toBe(200);
  });

  it('never choose the id of a session themselves, and lose it for good with DELETE', async () => {
    const chosen = { 'mcp-session-id': 'chosen' };
    expect((await target.post(request('initialize', 1, {}), chosen)).status).toBe(404);
    const session = await target.session();
    const open = await target.open('GET', { headers: { ...session, accept: 'text/event-stream' } });
    expect((await target.http('DELETE', { headers: session })).status).toBe(200);
    for await (const chunk of open) target.heard(String(chunk));
    for (const method of ['GET', 'DELETE']) expect((await target.http(method, { headers: session })).status).toBe(404);
    expect((await target.post(request('ping', 1), session)).status).toBe(404);
  });

  it('are shown by the admin API without what would let anybody in', async () => {
    const { 'mcp-session-id': id = '' } = await target.session();
    const { text } = await target.http('GET', { path: '/api/v1/connections', headers: { host: 'localhost' } });
    expect(text).not.toContain(id);
    for (const { id: shown } of (JSON.parse(text) as { connections: { id: string }[] }).connections) {
      expect((await target.post(request('ping', 1), { 'mcp-session-id': shown })).status).toBe(404);
    }
  });
});

/** The next message that is no notification. */
async function answerOf(client: WsClient): Promise<Json> {
  for (;;) {
    const message = await client.next();
    if (!('method' in message)) return message;
  }
}

async function resultOf(client: WsClient): Promise<unknown> {
  return (await answerOf(client))['result'];
}

function totals(messages: readonly Json[]): unknown[] {
  return messages.map(({ params }) => (params as Json | undefined)?.['progress']);
}

function flipped(text: string, at: number): string {
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
}
