import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { AskingServer } from '../resilience/support/asking-server.ts';
import { headersOf, listen, modern, modernCall, postModern } from '../support/modern.ts';
import { ModernSocket, ModernStream } from '../support/modern-raw-clients.ts';
import { cancelled, request, type HttpAnswer, type Json, postOf } from '../support/raw-clients.ts';
import { until } from '../support/until.ts';
import { Target } from './support/target.ts';

const ROUTE = '/mcp/h';
const MAX_LISTENS = 50;
const CAPABLE = { capabilities: { elicitation: {} } };

interface Asked {
  readonly inputRequests: Json;
  readonly requestState: string;
}

/** What modern clients leave behind: listens, parked calls, and what they were given to come back with. */
describe('under attack', () => {
  let server: AskingServer;
  let target: Target;

  beforeAll(async () => {
    server = await new AskingServer().start();
    const limits = `[gateway]\nmax_listens = ${MAX_LISTENS}\nmax_parked_calls = 20\n`;
    target = await Target.start(
      `${limits}[upstream.groups.h]\n[[upstream.groups.h.servers]]\nurl = "${server.url}"\n`,
      'shutdown_timeout = "2s"',
    );
  });
  afterEach(async () => {
    if (target.gateway.process.exitCode === null) await target.unharmed();
  });
  afterAll(async () => {
    await target?.stop();
    await server.stop();
  });

  const ask = (key: string, more: Json = {}): Json =>
    modern('tools/call', key, { name: 'ask', arguments: { key, questions: 1, rounds: 1 }, ...more }, CAPABLE);
  const sent = async (message: Json, path = ROUTE): Promise<HttpAnswer> => {
    const answer = await postModern(target, message, {}, path);
    target.heard(answer.text);
    return answer;
  };
  const park = async (key: string): Promise<Asked> => (await sent(ask(key))).json['result'] as Asked;
  const brought = ({ inputRequests, requestState }: Asked): Json => ({
    requestState,
    inputResponses: Object.fromEntries(Object.keys(inputRequests).map((key) => [key, { action: 'accept' }])),
  });
  const reason = ({ json }: HttpAnswer): unknown => ((json['error'] as Json | undefined)?.['data'] as Json)?.['reason'];
  const gauge = async (name: string): Promise<number> => {
    const text = await (await fetch(target.gateway.metricsUrl)).text();
    const lines = text.split('\n').filter((line) => line.startsWith(`mcp_gateway_${name}`) && !line.includes('_total'));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  };
  const gone = (name: string) => until(async () => (await gauge(name)) === 0, `no ${name}`);
  const dialled = async (...messages: Json[]): Promise<Socket> => {
    const socket = connect(target.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    for (const message of messages) {
      const { headers, body } = postOf(message, headersOf(message));
      const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}`);
      socket.write(`POST ${ROUTE} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${String(body)}`);
    }
    return socket;
  };

  it('takes nothing for a state but the state of this very request', async () => {
    const asked = await park('mine');
    const { requestState } = asked;
    const session = (await target.session('2025-11-25', ROUTE))['mcp-session-id']!;
    const wrong: Json[] = [
      ask('mine', { ...brought(asked), requestState: `${requestState}x` }),
      ask('mine', {
        ...brought(asked),
        requestState: requestState.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
      }),
      ask('mine', { ...brought(asked), requestState: requestState.slice(0, -20) }),
      ask('mine', { ...brought(asked), requestState: session }),
      ask('mine', { ...brought(asked), requestState: '' }),
      ask('mine', { ...brought(asked), requestState: 'gw1..' }),
      ask('other', brought(asked)),
      modern('tools/call', 1, { name: 'other', arguments: {}, ...brought(asked) }, CAPABLE),
      modern('prompts/get', 1, { name: 'ask', ...brought(asked) }, CAPABLE),
    ];
    for (const message of wrong) expect(reason(await sent(message)), JSON.stringify(message)).toBe('state_invalid');
    const long = ask('mine', { requestState: 'x'.repeat(1_000_000) });
    expect(reason(await sent(long))).toBe('protocol_invalid_params');
    const forged = await target.post(request('ping', 1), { 'mcp-session-id': requestState }, ROUTE);
    expect(forged.status).toBe(404);
    expect((await sent(modern('tools/list', 1, { cursor: requestState }))).json).toMatchObject({
      error: { code: -32602 },
    });
    const answered = await sent(ask('mine', brought(asked)));
    expect(answered.json).toMatchObject({ result: { content: [{ text: 'mine' }] } });
    expect([server.strays, server.begun.get('mine')]).toEqual([0, 1]);
  });

  it('gives a storm of retries one outcome, and runs the call once', async () => {
    const asked = await park('storm');
    const all = await Promise.all(Array.from({ length: 100 }, () => sent(ask('storm', brought(asked)))));
    expect(new Set(all.map(({ text }) => text)).size).toBe(1);
    expect([server.begun.get('storm'), server.strays, await gauge('parked_calls')]).toEqual([1, 0, 0]);
  });

  it('keeps no call of a client that leaves in the middle of its retry, whenever that is', async () => {
    const asked = await Promise.all(Array.from({ length: 15 }, (_, at) => park(`k${at}`)));
    const more = await Promise.all(Array.from({ length: 10 }, (_, at) => sent(ask(`more${at}`))));
    expect(more.filter((answer) => reason(answer) === 'limit_parked_calls')).toHaveLength(5);
    for (const [at, each] of asked.entries()) {
      const socket = await dialled(ask(`k${at}`, brought(each)));
      setTimeout(() => socket.destroy(), at);
    }
    await until(async () => (await gauge('parked_calls')) === 5, 'the retried calls to be over');
    expect([...server.begun.values()].every((count) => count === 1)).toBe(true);
  });

  it('has room for listens again, however those before were left', async () => {
    for (let round = 0; round < 4; round++) {
      const sockets = await Promise.all(Array.from({ length: MAX_LISTENS }, () => dialled(listen(1))));
      for (const [at, socket] of sockets.entries()) {
        if (at % 3 === 0) socket.resetAndDestroy();
        else if (at % 3 === 1) socket.end();
        else socket.destroy();
      }
      await gone('listens');
    }
    const stream = await ModernStream.open(target, listen(1));
    expect((await stream.next())['method']).toBe('notifications/subscriptions/acknowledged');
    stream.close();
  });

  it('forgets requests that wait behind others on a connection that breaks', async () => {
    const socket = await dialled(ask('first'), listen(2), modernCall('ask', 3));
    await until(async () => (await gauge('listens')) === 1, 'the listen');
    socket.destroy();
    await gone('listens');
    await gone('in_flight');
  });

  it('takes both eras at once on one WebSocket, with ids that come again and again', async () => {
    const socket = await ModernSocket.connect(target, ROUTE);
    for (let round = 0; round < 500; round++) {
      socket.send(listen('again'));
      socket.send(cancelled('again'));
      socket.send(round % 2 === 0 ? modern('tools/list', round) : request('ping', round));
    }
    for (let round = 0; round < 500; round++) await socket.until(({ id }) => id === round);
    // What is cancelled in the same breath still counts.
    const reasons = socket.told.flatMap(({ error }) => (error ? [((error as Json)['data'] as Json)['reason']] : []));
    expect(reasons.filter((why) => why !== 'limit_listens')).toEqual([]);
    socket.close();
    await gone('listens');
  });

  it('keeps little of what listens say', async () => {
    const before = target.memory;
    const uris = Array.from({ length: 1_000 }, (_, at) => `a:${at}${'x'.repeat(1_000)}`);
    const open = Array.from({ length: 20 }, () => sent(listen(1, { resourceSubscriptions: uris })));
    for (const answer of await Promise.all(open)) expect(reason(answer)).toBe('protocol_invalid_params');
    expect(target.memory - before).toBeLessThan(200);
    expect(await gauge('listens')).toBe(0);
  });

  it('stops in time with listens, parked calls and retries, and says so to whoever listens', async () => {
    const streams = await Promise.all(Array.from({ length: 10 }, (_, at) => ModernStream.open(target, listen(at))));
    for (const stream of streams) await stream.next();
    const unread = await Promise.all(Array.from({ length: 10 }, () => dialled(listen(1))));
    for (const socket of unread) socket.pause();
    await Promise.all(Array.from({ length: 10 }, (_, at) => park(`k${at}`)));
    await target.unharmed();
    const began = performance.now();
    expect(await target.gateway.stop()).toBe(0);
    expect(performance.now() - began).toBeLessThan(6_000);
    for (const [at, stream] of streams.entries()) expect(await stream.next()).toMatchObject({ id: at, result: {} });
    for (const socket of unread) socket.destroy();
  });
});
