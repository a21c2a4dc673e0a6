import { once } from 'node:events';

import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { cancelled, endpointAt, postOf, type Endpoint, type Json, type WsClient } from '../support/raw-clients.ts';
import { ScriptedUpstream, UPSTREAM_KINDS, type Heard, type UpstreamKind } from '../support/scripted-upstream.ts';
import { until } from '../support/until.ts';

const TOOLS = '{"tools":[{"name":"work","inputSchema":{"type":"object"}}]}';
const TOKENS = ['0', '""', '1', '"1"', '-5', '9007199254740991', '"\\u00e9"'];

/** What happens between a request and its reply, on both legs of the running gateway. */
describe.each(UPSTREAM_KINDS)('with a server over %s', (kind: UpstreamKind) => {
  let upstream: ScriptedUpstream;
  let gateway: RunningGateway;
  let endpoint: Endpoint;
  let client: WsClient;

  beforeAll(async () => {
    const capabilities = { tools: {}, logging: {} };
    const script = {
      'tools/list': ({ reply }: Heard) => reply(TOOLS),
      'logging/setLevel': ({ reply }: Heard) => reply({}),
    };
    upstream = await ScriptedUpstream.start(kind, { capabilities, script });
    gateway = await startGateway(`${EPHEMERAL}\n[[upstream.groups.crm.servers]]\n${upstream.toml}\n`);
    await gateway.ready();
    endpoint = endpointAt(gateway.url);
  });

  afterAll(async () => {
    await gateway?.stop();
    upstream?.stop();
  });

  beforeEach(async () => {
    client = await endpoint.introduced();
  });

  afterEach(() => client.socket.close());

  const call = (id: string, token?: string): string =>
    `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"crm__work"${token === undefined ? '' : `,"_meta":{"progressToken":${token}}`}}}`;

  /** Says progress of a call, under the token that the gateway gave it. */
  const progress = ({ say, message, params }: Heard, value: number): void => {
    const token = (params['_meta'] as Json | undefined)?.['progressToken'] ?? message['id'];
    say({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: token, progress: value } });
  };

  /** Nothing else was said: the next thing that comes is the answer to a ping. */
  const expectSilence = async (of = client): Promise<void> => {
    expect(await of.ask({ jsonrpc: '2.0', id: 'silence', method: 'ping' })).toMatchObject({ id: 'silence' });
  };

  it('gives each session the log messages that it wants', async () => {
    const quiet = await endpoint.introduced();
    const level = (level: string): Json => ({ jsonrpc: '2.0', id: 1, method: 'logging/setLevel', params: { level } });
    expect(await quiet.ask(level('error'))).toMatchObject({ result: {} });
    expect(await client.ask(level('debug'))).toMatchObject({ result: {} });
    const told = (): unknown[] =>
      upstream.heard.filter(({ method }) => method === 'logging/setLevel').map(({ params }) => params['level']);
    await until(() => told().at(-1) === 'debug', 'the server to be told');
    expect(told()).toEqual(['error', 'debug']);

    for (const [who, wanted] of [
      [quiet, ['error', 'emergency']],
      [client, ['debug', 'info', 'error', 'emergency']],
    ] as const) {
      who.send(call('5'));
      const asked = await upstream.next();
      for (const level of ['debug', 'info', 'error', 'emergency']) {
        asked.say({ jsonrpc: '2.0', method: 'notifications/message', params: { level, data: 'x' } });
      }
      asked.reply({ content: [] });
      for (const level of wanted) expect((await who.next())['params']).toMatchObject({ level });
      expect(await who.next()).toMatchObject({ id: 5 });
    }
    quiet.socket.close();
    await once(quiet.socket, 'close');
  });

  it('gives progress to each token of a client, whatever its value and type', async () => {
    for (const [index, token] of TOKENS.entries()) client.send(call(String(index), token));
    const calls: Heard[] = [];
    for (const _ of TOKENS) calls.push(await upstream.next());
    const own = calls.map(({ params }) => (params['_meta'] as Json)['progressToken']);
    expect(new Set(own).size).toBe(TOKENS.length);
    expect(own.every((token) => Number.isSafeInteger(token) && Number(token) > 0)).toBe(true);

    for (const [index, asked] of calls.toReversed().entries()) {
      progress(asked, index + 1);
      const text = await client.nextText();
      expect(text).toContain(`"progressToken":${TOKENS.toReversed()[index]},"progress":${index + 1}`);
      asked.reply({ content: [] });
      await client.next();
    }
  });

  it('lets progress only grow, and says none after the reply or to whoever did not ask', async () => {
    client.send(call('1', '"t"'));
    const asked = await upstream.next();
    for (const value of [1, 1, 0.5, 2, 1.5]) progress(asked, value);
    asked.reply({ content: [] });
    if (kind !== 'http') progress(asked, 3);
    expect((await client.next())['params']).toMatchObject({ progress: 1 });
    expect((await client.next())['params']).toMatchObject({ progress: 2 });
    expect(await client.next()).toMatchObject({ id: 1, result: {} });

    client.send(call('2'));
    const silent = await upstream.next();
    expect(silent.params).toEqual({ name: 'work' });
    progress(silent, 1);
    silent.reply({ content: [] });
    expect(await client.next()).toMatchObject({ id: 2, result: {} });
    await expectSilence();
  });

  it('cancels the request of that id and type, under the id of the server, and says nothing more', async () => {
    client.send(call('7', '1'));
    const seven = await upstream.next();
    client.send(call('"7"', '2'));
    const text = await upstream.next();
    for (const unknown of [8, '', '8']) client.send(cancelled(unknown));
    client.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: '7', reason: 'why not' } });

    expect(await upstream.next()).toMatchObject({
      method: 'notifications/cancelled',
      params: { requestId: text.message['id'], reason: 'why not' },
    });
    if (kind !== 'http') {
      progress(text, 1);
      text.reply({ content: [] });
    }
    seven.reply({ content: [] });
    expect(await client.next()).toMatchObject({ id: 7, result: {} });
    await expectSilence();
    expect(upstream.inbox).toEqual([]);
    // The id is free again.
    client.send(call('"7"'));
    (await upstream.next()).reply({ content: [] });
    expect(await client.next()).toMatchObject({ id: '7', result: {} });
  });

  it('ends the answer to a POST that is cancelled, without a reply in it', async () => {
    const session = await endpoint.session();
    const answer = endpoint.post(call('"a"', '0'), session);
    const asked = await upstream.next();
    expect((await endpoint.post(cancelled('a'), session)).status).toBe(202);
    expect(await upstream.next()).toMatchObject({ params: { requestId: asked.message['id'] } });
    expect((await answer).text).not.toContain('"id"');
  });

  it('takes a WebSocket that closes for a cancellation, and an end of a session, but no lost POST', async () => {
    const leaving = await endpoint.introduced();
    leaving.send(call('1'));
    const left = await upstream.next();
    leaving.socket.terminate();
    expect(await upstream.next()).toMatchObject({ params: { requestId: left.message['id'] } });

    const session = await endpoint.session();
    const hangUp = new AbortController();
    const lost = endpoint.http('POST', { ...postOf(call('1'), session), signal: hangUp.signal });
    const kept = await upstream.next();
    hangUp.abort();
    await expect(lost).rejects.toThrow();
    const other = endpoint.post(call('2'), session);
    const ended = await upstream.next();
    kept.reply({ content: [] });
    await until(async () => (await pending()) === 1, 'the lost one to be answered');
    expect(upstream.inbox).toEqual([]);

    await endpoint.http('DELETE', { headers: session });
    expect(await upstream.next()).toMatchObject({ params: { requestId: ended.message['id'] } });
    expect((await other).text).not.toContain('"id"');
  });

  it('answers what the server asks of clients at once, and goes on', async () => {
    client.send(call('9'));
    const asked = await upstream.next();
    for (const method of ['ping', 'sampling/createMessage', 'elicitation/create', 'roots/list', 'made/up']) {
      asked.say({ jsonrpc: '2.0', id: method, method });
    }
    const answers = new Map<unknown, Json>();
    for (let count = 0; count < 5; count++) {
      const { message } = await upstream.next();
      answers.set(message['id'], message);
    }
    expect(answers.get('ping')).toMatchObject({ result: {} });
    expect(answers.get('sampling/createMessage')).toMatchObject({ error: { code: -1 } });
    expect(answers.get('elicitation/create')).toMatchObject({ result: { action: 'cancel' } });
    expect(answers.get('roots/list')).toMatchObject({ error: { code: -32601 } });
    expect(answers.get('made/up')).toMatchObject({ error: { code: -32601 } });
    asked.reply({ content: [] });
    expect(await client.next()).toMatchObject({ id: 9, result: {} });
  });

  /** How much is waited for over HTTP, as the admin API sees it. */
  async function pending(): Promise<number> {
    const { connections } = await gateway.json<{ connections: { transport: string; pending: number }[] }>(
      '/api/v1/connections',
    );
    return connections
      .filter(({ transport }) => transport === 'streamable_http')
      .reduce((sum, { pending }) => sum + pending, 0);
  }
});
