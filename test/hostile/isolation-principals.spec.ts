import { createHash } from 'node:crypto';

import { textOf } from '../support/clients.ts';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { modern, openModern, postModern } from '../support/modern.ts';
import {
  answer,
  call,
  cancelled,
  endpointAt,
  eventsOf,
  initialize,
  request,
  type Endpoint,
  type Json,
  type WsClient,
} from '../support/raw-clients.ts';
import { type Heard, ScriptedUpstream } from '../support/scripted-upstream.ts';
import { SseClient } from '../support/sse-client.ts';
import { until } from '../support/until.ts';

const KEYS = { ann: 'ann-0123456789abcdef0123456789abcdef', bob: 'bob-0123456789abcdef0123456789abcdef' } as const;
type Name = keyof typeof KEYS;
const NAMES: readonly Name[] = ['ann', 'bob'];
const as = (name: Name): Record<string, string> => ({ 'x-api-key': KEYS[name] });

/** A client that asks on one of the transports. */
interface Person {
  /** Everything that came until the reply, which is last. */
  ask(id: string | number, name: string, params?: Json): Promise<Json[]>;
  close(): void;
}

const TRANSPORTS = ['websocket', 'streamable_http', 'sse', 'modern websocket', 'modern http'] as const;

/** Two people who may use the same gateway, and must not notice that the other does. */
describe('two principals', () => {
  let gateway: RunningGateway;
  let upstream: ScriptedUpstream;
  let endpoint: Endpoint;
  const open: { close(): void }[] = [];

  beforeAll(async () => {
    const tool = (name: string): Json => ({ name, inputSchema: { type: 'object' } });
    upstream = await ScriptedUpstream.start('ws', {
      capabilities: { tools: {}, resources: { subscribe: true } },
      script: {
        'tools/list': ({ reply }) => reply({ tools: ['echo', 'held'].map(tool) }),
        'resources/list': ({ reply }) => reply({ resources: [{ uri: 'db://row', name: 'row' }] }),
        'resources/subscribe': ({ reply }) => reply({}),
        'resources/unsubscribe': ({ reply }) => reply({}),
        'notifications/cancelled': () => undefined,
      },
    });
    const keys = NAMES.map(
      (name) =>
        `[[security.auth.api_keys]]\nname = "${name}"\nsha256 = "${createHash('sha256').update(KEYS[name]).digest('hex')}"`,
    );
    gateway = await startGateway(
      `${EPHEMERAL}[gateway]\npage_size = 1\n[security.auth]\nenabled = true\n${keys.join('\n')}\n[[upstream.groups.default.servers]]\n${upstream.toml}\n`,
    );
    endpoint = endpointAt(gateway.url);
    await until(
      () => upstream.heard.some(({ method }) => method === 'notifications/initialized'),
      'the server to be up',
    );
  });
  beforeEach(() => {
    upstream.script['tools/call'] = told;
  });
  afterEach(() => {
    for (const one of open.splice(0)) one.close();
  });
  afterAll(async () => {
    await gateway?.stop();
    upstream?.stop();
  });

  /** Answers with what was said, after progress that says it as well. */
  const told = (heard: Heard): void => {
    const { text } = heard.params['arguments'] as Json;
    const token = (heard.params['_meta'] as Json | undefined)?.['progressToken'];
    if (token !== undefined) {
      const params = { progressToken: token, progress: 1, message: text };
      heard.say({ jsonrpc: '2.0', method: 'notifications/progress', params });
    }
    heard.reply({ content: [{ type: 'text', text: String(text) }] });
  };

  async function socketOf(name: Name, capabilities: Json = {}): Promise<WsClient> {
    const client = await endpoint.connect('/mcp', { headers: as(name) });
    open.push({ close: () => client.socket.terminate() });
    await client.ask(initialize('2025-11-25', 'i', capabilities));
    return client;
  }
  async function sessionOf(name: Name): Promise<Record<string, string>> {
    const { headers } = await endpoint.post(initialize(), as(name));
    return { 'mcp-session-id': String(headers['mcp-session-id']), 'mcp-protocol-version': '2025-11-25' };
  }
  async function streamOf(name: Name): Promise<SseClient> {
    const client = await SseClient.open(endpoint, '/sse', as(name));
    open.push(client);
    await client.ask(initialize('2024-11-05', 'i'));
    return client;
  }

  async function person(transport: (typeof TRANSPORTS)[number], name: Name): Promise<Person> {
    const close = (): void => undefined;
    if (transport === 'websocket' || transport === 'modern websocket') {
      const client = await socketOf(name);
      return {
        ask: (id, tool, params) => {
          const message = call(tool, id, params);
          client.send(transport === 'websocket' ? message : enveloped(message));
          return untilReply(() => client.next());
        },
        close,
      };
    }
    if (transport === 'sse') {
      const client = await streamOf(name);
      return {
        ask: async (id, tool, params) => {
          await client.post(call(tool, id, params));
          return untilReply(() => client.next());
        },
        close,
      };
    }
    if (transport === 'modern http') {
      const ask = async (id: string | number, tool: string, params?: Json): Promise<Json[]> =>
        messagesOf((await postModern(endpoint, enveloped(call(tool, id, params)), as(name))).text);
      return { ask, close };
    }
    const session = { ...(await sessionOf(name)), ...as(name) };
    return {
      ask: async (id, tool, params) => messagesOf((await endpoint.post(call(tool, id, params), session)).text),
      close,
    };
  }

  it.each(TRANSPORTS)('get their own answers and progress under the same ids and tokens over %s', async (transport) => {
    const people = await Promise.all(NAMES.map((name) => person(transport, name)));
    const said = (who: number, round: number): string => `${transport} ${who} ${round}`;
    for (let round = 0; round < 10; round++) {
      const got = await Promise.all(
        people.map(({ ask }, who) =>
          ask(1, 'echo', { arguments: { text: said(who, round) }, _meta: { progressToken: 'tok' } }),
        ),
      );
      for (const [who, messages] of got.entries()) {
        expect(textOf(messages.at(-1)?.['result'])).toBe(said(who, round));
        expect(messages.map(({ params }) => (params as Json | undefined)?.['message'])).toEqual([
          said(who, round),
          undefined,
        ]);
      }
    }
  });

  it('cannot cancel what the other waits for, over any transport', async () => {
    const held: Heard[] = [];
    upstream.script['tools/call'] = (heard) => void held.push(heard);
    const [socket, stream, session] = [
      await socketOf('ann'),
      await streamOf('ann'),
      { ...(await sessionOf('ann')), ...as('ann') },
    ];
    socket.send(call('held', 5));
    await stream.post(call('held', 5));
    const posted = endpoint.post(call('held', 5), session);
    const visited = openModern(endpoint, modern('tools/call', 5, { name: 'held', arguments: {} }), as('ann'));
    await until(() => held.length === 4, 'all of them');

    const [hostile, own] = [await socketOf('bob'), { ...(await sessionOf('bob')), ...as('bob') }];
    const other = await streamOf('bob');
    for (const id of [5, '5', 0, 1, 2, 3, 4]) {
      hostile.send(cancelled(id));
      expect((await endpoint.post(cancelled(id), own)).status).toBe(202);
      expect((await other.post(cancelled(id))).status).toBe(202);
      expect((await endpoint.post(cancelled(id), { ...session, ...as('bob') })).status).toBe(404);
      expect((await stream.post(cancelled(id), as('bob'))).status).toBe(404);
    }
    expect(await hostile.ask(request('ping', 'after'))).toMatchObject({ id: 'after' });
    for (const { reply } of held) reply({ content: [{ type: 'text', text: 'done' }] });
    expect(textOf((await socket.next())['result'])).toBe('done');
    expect(textOf((await stream.next())['result'])).toBe('done');
    expect(textOf(messagesOf((await posted).text).at(-1)?.['result'])).toBe('done');
    expect((await visited).statusCode).toBe(200);
    (await visited).resume();
  });

  it('find no session of the other: not to use, to hear, to go on with, or to end', async () => {
    const session = await sessionOf('ann');
    const ways = (credential: Record<string, string>) => {
      const headers = { ...session, ...credential };
      const events = { ...headers, accept: 'text/event-stream' };
      return Promise.all([
        endpoint.post(request('ping', 1), headers),
        endpoint.post(call('echo', 1, { arguments: { text: 'x' } }), headers),
        endpoint.post(answer(1), headers),
        endpoint.http('GET', { headers: events }),
        endpoint.http('GET', { headers: { ...events, 'last-event-id': 'AAAAAA.o0_1' } }),
        endpoint.http('DELETE', { headers }),
      ]);
    };
    expect((await ways(as('bob'))).map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
    expect((await ways({})).map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 401]);
    const texts = (await ways(as('bob'))).map(({ text }) => text).join('');
    expect(texts).not.toContain(session['mcp-session-id']!.slice(0, 24));
    expect((await endpoint.post(request('ping', 1), { ...session, ...as('ann') })).status).toBe(200);
  });

  it('cannot go on with a stream of the other, even one that broke', async () => {
    const session = await sessionOf('ann');
    const events = { ...session, accept: 'text/event-stream' };
    const own = await endpoint.open('GET', { headers: { ...events, ...as('ann') } });
    let text = '';
    own.on('data', (chunk) => (text += String(chunk)));
    const id = await until(() => /id: (\S+)/.exec(text)?.[1], 'an id to come back with');
    own.on('error', () => undefined).destroy();

    const back = { ...events, 'last-event-id': id };
    expect((await endpoint.http('GET', { headers: { ...back, ...as('bob') } })).status).toBe(404);
    expect((await endpoint.http('GET', { headers: back })).status).toBe(401);
    const again = await endpoint.open('GET', { headers: { ...back, ...as('ann') } });
    expect(again.statusCode).toBe(200);
    again.on('error', () => undefined).destroy();
  });

  it('cannot post to a stream of the other, nor without a credential', async () => {
    const stream = await streamOf('ann');
    expect((await stream.post(request('ping', 1), as('bob'))).status).toBe(404);
    expect((await stream.post(request('ping', 1), { 'x-api-key': undefined })).status).toBe(401);
    expect(await stream.ask(request('ping', 2))).toMatchObject({ id: 2 });
  });

  it('cannot answer what the other was asked', async () => {
    let held: Heard | undefined;
    upstream.script['tools/call'] = (heard) => {
      held = heard;
      heard.say({
        ...request('elicitation/create', 'q', {
          message: 'Sure?',
          requestedSchema: { type: 'object', properties: {} },
        }),
      });
    };
    const victim = await socketOf('ann', { elicitation: {} });
    victim.send(call('held', 5));
    const asked = await victim.next();
    const hostile = await socketOf('bob', { elicitation: {} });
    const own = { ...(await sessionOf('bob')), ...as('bob') };
    for (const id of [asked['id'], ...Array(30).keys(), 'q']) {
      hostile.send(answer(id, { action: 'accept', content: { forged: true } }));
      await endpoint.post(answer(id, { action: 'accept', content: { forged: true } }), own);
    }
    await hostile.ask(request('ping', 'after'));
    victim.send(answer(asked['id'], { action: 'decline' }));
    const answered = await until(() => upstream.heard.find(({ message }) => message['id'] === 'q'), 'the answer');
    expect(answered.message).toMatchObject({ result: { action: 'decline' } });
    held?.reply({ content: [] });
    expect(await victim.next()).toMatchObject({ id: 5, result: {} });
  });

  it('cannot turn the pages that the other was given', async () => {
    const [ann, bob] = [await socketOf('ann'), await socketOf('bob')];
    const { result } = (await ann.ask(request('tools/list', 1))) as { result: { nextCursor: string } };
    const next = (id: number) => request('tools/list', id, { cursor: result.nextCursor });
    expect(await bob.ask(next(2))).toMatchObject({ id: 2, error: { code: -32_602 } });
    expect(await ann.ask(next(3))).toMatchObject({ id: 3, result: { tools: [{ name: 'held' }] } });
    const visit = (name: Name) =>
      postModern(endpoint, modern('tools/list', 1, { cursor: result.nextCursor }), as(name));
    expect((await visit('bob')).json).toMatchObject({ error: { code: -32_602 } });
  });

  it('cannot bring answers to what the other was asked with a requestState', async () => {
    const held: Heard[] = [];
    upstream.script['tools/call'] = (heard) => {
      held.push(heard);
      heard.say({
        ...request('elicitation/create', `p${held.length}`, {
          message: 'Sure?',
          requestedSchema: { type: 'object', properties: {} },
        }),
      });
    };
    const asking = (id: number, more: Json = {}): Json =>
      modern(
        'tools/call',
        id,
        { name: 'held', arguments: {}, ...more },
        { capabilities: { elicitation: { form: {} } } },
      );
    const { json } = await postModern(endpoint, asking(1), as('ann'));
    const { requestState, inputRequests } = json['result'] as { requestState: string; inputRequests: Json };
    const [key = ''] = Object.keys(inputRequests);
    const brought = (action: string): Json => ({ requestState, inputResponses: { [key]: { action } } });

    const stolen = await postModern(endpoint, asking(2, brought('accept')), as('bob'));
    expect(stolen.json).toMatchObject({ id: 2, error: { data: { reason: 'state_invalid' } } });
    const own = postModern(endpoint, asking(3, brought('decline')), as('ann'));
    const answered = await until(() => upstream.heard.find(({ message }) => message['id'] === 'p1'), 'the answer');
    expect(answered.message).toMatchObject({ result: { action: 'decline' } });
    held[0]?.reply({ content: [{ type: 'text', text: 'mine' }] });
    expect(textOf((await own).json['result'])).toBe('mine');
    expect(held).toHaveLength(1);
  });

  it('hear only of what they subscribed to themselves, and end nobody else’s subscription', async () => {
    let subscribed: Heard | undefined;
    upstream.script['resources/subscribe'] = (heard) => {
      subscribed = heard;
      heard.reply({});
    };
    const [ann, bob] = [await socketOf('ann'), await socketOf('bob')];
    const about = { uri: 'db://row' };
    expect(await ann.ask(request('resources/subscribe', 1, about))).toMatchObject({ id: 1, result: {} });
    expect(await bob.ask(request('resources/unsubscribe', 1, about))).toMatchObject({ id: 1, result: {} });
    subscribed?.say({ jsonrpc: '2.0', method: 'notifications/resources/updated', params: about });
    expect(await ann.next()).toMatchObject({ method: 'notifications/resources/updated', params: about });
    expect(await bob.ask(request('ping', 2))).toMatchObject({ id: 2 });
  });
});

/** A legacy message in a modern envelope. */
function enveloped({ method, id, params }: Json): Json {
  const { _meta, ...rest } = params as Json;
  return modern(String(method), id as number, rest, _meta as Json | undefined);
}

async function untilReply(next: () => Promise<Json>): Promise<Json[]> {
  const messages = [await next()];
  while ('method' in messages.at(-1)!) messages.push(await next());
  return messages;
}

/** What stands in a body, be it JSON or a stream. */
function messagesOf(text: string): Json[] {
  return text.startsWith('{') ? [JSON.parse(text) as Json] : eventsOf(text);
}
