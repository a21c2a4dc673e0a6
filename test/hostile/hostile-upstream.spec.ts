import { textOf } from '../support/clients.ts';
import { call, request, type Json, type WsClient } from '../support/raw-clients.ts';
import { until } from '../support/until.ts';
import { type Deed, fine, type Kind, KINDS } from './support/hostile-upstream.ts';
import { MEBI, REPLIES, SEPARATORS } from './support/replies.ts';
import { RESPONSES } from './support/responses.ts';
import { type Front, Siege } from './support/siege.ts';

const QUESTIONS = ['ping', 'sampling/createMessage', 'elicitation/create', 'roots/list', '__proto__'];

/** As the deeds of a server: which of them there are depends on the transport. */
function deedsOver(kind: Kind): Record<string, Deed> {
  const all = Object.entries({ ...REPLIES, ...(kind === 'http' && RESPONSES) });
  const questions: Deed = ({ say }) => QUESTIONS.forEach((method, n) => say(request(method, `q${n}`, {})));
  return { ...Object.fromEntries(all.map(([name, { deed }]) => [name, deed as Deed])), questions };
}

let siege: Siege;

beforeAll(async () => {
  siege = await Siege.begin(deedsOver, `max_message_bytes = ${MEBI}`);
});
afterAll(async () => {
  await siege.target.unharmed();
  // Over five transports at once, eight messages of a mebibyte each are on their way, read and not yet collected.
  siege.expectBoundedMemory(100);
  await siege.end();
});

describe.concurrent.each(KINDS)('a hostile server over %s', (kind) => {
  describe('that replies as it should not', { concurrent: false }, () => {
    const path = `/mcp/${kind}`;
    let front: Front;
    let client: WsClient;

    beforeAll(async () => {
      front = siege.front(kind);
      client = await siege.target.introduced('2025-11-25', path);
    });
    afterAll(() => client?.socket.terminate());

    let lastId = 0;
    /** Calls a tool; the reply, and what came before it. */
    const exchange = async (name: string): Promise<{ before: Json[]; reply: Json }> => {
      const before: Json[] = [];
      const id = ++lastId;
      client.send(call(name, id, { _meta: { progressToken: 'mine' } }));
      for (;;) {
        const message = await client.next();
        siege.target.heard(JSON.stringify(message));
        if (!('method' in message)) {
          expect(message['id']).toBe(id);
          return { before, reply: message };
        }
        if (message['method'] === 'notifications/progress') before.push(message);
      }
    };

    it.each(Object.entries(REPLIES))('%s', async (name, { outcome }) => {
      const expected = typeof outcome === 'string' ? outcome : outcome[kind];
      await front.suffers((witness) => witness.call(name), [expected]);
    });

    it.runIf(kind === 'http').each(Object.entries(RESPONSES))('answers with %s', async (name, { outcome }) => {
      await front.suffers((witness) => witness.call(name), [outcome]);
    });

    it('lets progress through that grows, before the reply, in order', async () => {
      const { before } = await exchange('progress that runs backwards');
      expect(before.map(({ params }) => params)).toEqual(
        [1, 5, 6].map((value) => ({ progressToken: 'mine', progress: value })),
      );
      const flood = (await exchange('500 notifications')).before.map(({ params }) => (params as Json)['progress']);
      expect(flood).toEqual(Array.from({ length: 500 }, (_, n) => n + 1));
    });

    it('hands on text that breaks out of nothing', async () => {
      const session = await siege.target.session('2025-11-25', path);
      const { text } = await siege.target.post(
        call('text that breaks out', 1, { _meta: { progressToken: 1 } }),
        session,
        path,
      );
      const data = text.split('\n').filter((line) => line.startsWith('data: '));
      const body = data.length > 0 ? data.at(-1)!.slice(6) : text;
      expect(textOf((JSON.parse(body) as Json)['result'])).toBe(SEPARATORS);
      expect(data.length).toBeLessThan(2);
    });

    it('gets an answer to whatever it asks, at once', async () => {
      front.upstream.replies.length = 0;
      const asked = exchange('questions');
      await until(() => front.upstream.replies.length === QUESTIONS.length, 'the answers');
      expect(front.upstream.replies.toSorted((a, b) => String(a['id']).localeCompare(String(b['id'])))).toMatchObject([
        { id: 'q0', result: {} },
        { id: 'q1', error: { code: -1 } },
        { id: 'q2', result: { action: 'cancel' } },
        { id: 'q3', error: { code: -32_601 } },
        { id: 'q4', error: { code: -32_601 } },
      ]);
      front.upstream.lastHit?.say(fine(front.upstream.lastHit.id));
      await asked;
    });

    it('gets nothing of the client’s but the message', async () => {
      front.upstream.requests.length = 0;
      const secrets = {
        authorization: 'Bearer canary-bearer',
        cookie: 'session=canary-cookie',
        'x-api-key': 'canary-key',
        'x-upstream-authorization': 'canary-upstream',
        'last-event-id': 'canary-event',
      };
      const session = await siege.target.session('2025-11-25', path);
      expect((await siege.target.post(call('fine', 'canary-id'), { ...session, ...secrets }, path)).status).toBe(200);
      const { message, headers } = front.upstream.requests.at(-1)!;
      expect(JSON.stringify([message, headers])).not.toContain('canary-');
      expect(headers['mcp-session-id']).not.toBe(session['mcp-session-id']);
    });

    it.runIf(kind === 'stdio')('sees of the environment what it must', () => {
      const known = ['PATH', 'HOME', 'LANG', 'TZ'].filter((name) => process.env[name] !== undefined);
      expect(Object.keys(front.upstream.environment).toSorted()).toEqual(known.toSorted());
    });
  });
});
