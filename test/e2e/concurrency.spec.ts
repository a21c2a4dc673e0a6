import { randomInt } from 'node:crypto';

import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { cancelled, endpointAt, type Endpoint, type Json, type WsClient } from '../support/raw-clients.ts';
import { ScriptedUpstream, UPSTREAM_KINDS, type Heard } from '../support/scripted-upstream.ts';
import { until } from '../support/until.ts';

const CLIENTS = 50;
const ROUNDS = 8;
/** All of them use the same ids and the same progress tokens. */
const IDS = [0, 1, '0', '1', ''] as const;

type Id = (typeof IDS)[number];
type Answers = Map<Id, { nonce: string; progress: string[]; result: string | undefined }>;

function ask(id: Id, group: string, nonce: string): Json {
  const params = { name: `${group}__echo`, arguments: { nonce }, _meta: { progressToken: id } };
  return { jsonrpc: '2.0', id, method: 'tools/call', params };
}

function take(answers: Answers, message: Json): void {
  const { params, id, result } = message as { params?: Json; id: Id; result?: Json };
  if (params) {
    answers.get(params['progressToken'] as Id)!.progress.push(String(params['message']));
    return;
  }
  const answer = answers.get(id)!;
  expect(answer.result).toBeUndefined();
  answer.result = String(result?.['nonce']);
}

/** Every reply and every progress belongs to the request it came for, and there is exactly one reply to each. */
function check(answers: Answers, cancelledIds: ReadonlySet<Id>): void {
  for (const [id, { nonce, progress, result }] of answers) {
    expect(new Set([...progress, nonce])).toEqual(new Set([nonce]));
    if (!cancelledIds.has(id)) expect(result).toBe(nonce);
    else expect([nonce, undefined]).toContain(result);
  }
}

describe('many clients at once', () => {
  const upstreams = new Map<string, ScriptedUpstream>();
  let gateway: RunningGateway;
  let endpoint: Endpoint;
  let replies = 0;

  beforeAll(async () => {
    const held: Heard[] = [];
    /** In no order, and never the first one first. */
    const answerSome = (): void => {
      while (held.length > 3) {
        const [{ params, message, say, reply }] = held.splice(randomInt(held.length), 1) as [Heard];
        const { nonce } = params['arguments'] as Json;
        const progressToken = (params['_meta'] as Json)['progressToken'];
        say({
          jsonrpc: '2.0',
          method: 'notifications/progress',
          params: { progressToken, progress: 1, message: nonce },
        });
        reply({ content: [], nonce, id: message['id'] });
        replies++;
      }
    };
    const script = {
      'tools/list': ({ reply }: Heard) => reply('{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]}'),
      'tools/call': (heard: Heard) => {
        held.push(heard);
        setImmediate(answerSome);
      },
      'notifications/cancelled': () => undefined,
    };
    for (const kind of UPSTREAM_KINDS) upstreams.set(kind, await ScriptedUpstream.start(kind, { script }));
    const groups = Array.from(upstreams, ([name, { toml }]) => `[[upstream.groups.${name}.servers]]\n${toml}\n`);
    gateway = await startGateway(`${EPHEMERAL}\n${groups.join('')}`);
    await gateway.ready();
    endpoint = endpointAt(gateway.url);
    // The last ones that are held would never be answered.
    drain = setInterval(() => {
      for (const { params, reply } of held.splice(0))
        reply({ content: [], nonce: (params['arguments'] as Json)['nonce'] });
    }, 20);
  });
  let drain: NodeJS.Timeout;

  afterAll(async () => {
    await gateway?.stop();
    clearInterval(drain);
    for (const upstream of upstreams.values()) upstream.stop();
  });

  const groupAt = (index: number): string => UPSTREAM_KINDS[index % UPSTREAM_KINDS.length]!;

  async function overWebSocket(who: number): Promise<void> {
    let client: WsClient = await endpoint.introduced();
    for (let round = 0; round < ROUNDS; round++) {
      const answers: Answers = new Map(
        IDS.map((id) => [id, { nonce: `${who}/${round}/${JSON.stringify(id)}`, progress: [], result: undefined }]),
      );
      for (const [index, id] of IDS.entries()) client.send(ask(id, groupAt(who + index), answers.get(id)!.nonce));
      if (randomInt(6) === 0) {
        client.socket.terminate();
        client = await endpoint.introduced();
        continue;
      }
      const gone = new Set(IDS.filter(() => randomInt(5) === 0));
      for (const id of gone) client.send(cancelled(id));
      const isDone = (): boolean => IDS.every((id) => gone.has(id) || answers.get(id)!.result !== undefined);
      while (!isDone()) take(answers, await client.next());
      // Whatever came for a cancelled one came before this.
      client.send({ jsonrpc: '2.0', id: 'round', method: 'ping' });
      for (let message = await client.next(); message['id'] !== 'round'; message = await client.next()) {
        take(answers, message);
      }
      check(answers, gone);
    }
    client.socket.close();
  }

  async function overHttp(who: number): Promise<void> {
    const session = await endpoint.session();
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all(
        IDS.map(async (id, index) => {
          const nonce = `${who}/${round}/${JSON.stringify(id)}`;
          const answers: Answers = new Map([[id, { nonce, progress: [], result: undefined }]]);
          const answer = endpoint.post(ask(id, groupAt(who + index), nonce), session);
          const isCancelled = randomInt(5) === 0;
          if (isCancelled) await endpoint.post(cancelled(id), session);
          const { text, status } = await answer;
          expect(status).toBe(200);
          const messages = text.startsWith('{')
            ? [text]
            : text.split('\n').filter((line) => line.startsWith('data: {'));
          for (const message of messages) take(answers, JSON.parse(message.replace('data: ', '')) as Json);
          check(answers, new Set(isCancelled ? [id] : []));
        }),
      );
    }
  }

  it('each get what is theirs, while others cancel and leave', async () => {
    await Promise.all(
      Array.from({ length: CLIENTS }, (_, who) => (who % 2 === 0 ? overWebSocket(who) : overHttp(who))),
    );
    expect(replies).toBeGreaterThan(CLIENTS);
    await until(async () => {
      const { groups } = await gateway.json<{ groups: { servers: { pending: number }[] }[] }>('/api/v1/upstreams');
      return groups.every(({ servers }) => servers.every(({ pending }) => pending === 0));
    }, 'nothing to be in flight any more');
  });
});
