import { request, type Json } from '../support/raw-clients.ts';
import { until } from '../support/until.ts';
import { type Deed, fine, type Hit, type Kind, KINDS } from './support/hostile-upstream.ts';
import { type Front, Siege } from './support/siege.ts';

const LISTS = ['tools', 'prompts', 'resources'].map((list) => `notifications/${list}/list_changed`);
const notice = (method: string, params?: Json): Json => ({ jsonrpc: '2.0', method, ...(params && { params }) });
const updated = (uri: string): Json => notice('notifications/resources/updated', { uri });
const uriOf = (nonce: string): string => `test://${nonce}`;

/** Over HTTP only sessions of their own have a stream on which anything can be said that belongs to no request. */
const hasVoice = ({ kind, nonce }: Hit): boolean => kind !== 'http' || nonce.startsWith('own');

let siege: Siege;
/** What the servers do, by transport. */
const deeds = new Map<Kind, Record<string, Deed>>();

beforeAll(async () => {
  siege = await Siege.begin((kind) => deeds.get(kind) as Record<string, Deed>);
});
afterAll(async () => {
  await siege.target.unharmed();
  siege.expectBoundedMemory();
  await siege.end();
});

describe.concurrent.each(KINDS)('a hostile server over %s', (kind) => {
  describe('that says what nobody asked for', { concurrent: false }, () => {
    let front: Front;
    /** The nonces of those who are to answer, by the id of the question. */
    const asked = new Map<unknown, string>();

    const ask = ({ nonce, id }: Hit, nth: number | string): Json => {
      const questionId = `${nonce}/${id}/${nth}`;
      asked.set(questionId, nonce);
      const params = { message: nonce, requestedSchema: { type: 'object', properties: {} } };
      return request('elicitation/create', questionId, params);
    };
    const answersTo = (id: unknown): Json[] => front.upstream.replies.filter((reply) => reply['id'] === id);

    const DEEDS: Record<string, { deed: Deed; outcome: string; kinds?: readonly Kind[] }> = {
      'asks and is silent': { deed: (hit) => hit.say(ask(hit, 0)), outcome: 'upstream_timeout' },
      'asks twice with one id': {
        deed: (hit) => {
          const question = ask(hit, 0);
          for (const _ of [1, 2]) hit.say(question);
          void until(() => answersTo(question['id']).length > 0, 'an answer').then(hit.fine);
        },
        outcome: 'ok',
      },
      'asks when it has replied': {
        deed: (hit) => (hit.fine(), hasVoice(hit) && hit.aside(ask(hit, 'late'))),
        outcome: 'ok',
      },
      'asks before it replies, and does not wait': {
        deed: (hit) => {
          for (let nth = 0; nth < 100; nth++) hit.say(ask(hit, nth));
          hit.fine();
        },
        outcome: 'ok',
      },
      'takes back what it never asked': {
        deed: (hit) => {
          for (const requestId of [hit.id, hit.id + 1_000, 'x', '__proto__', null]) {
            hit.say(notice('notifications/cancelled', { requestId }));
          }
          hit.fine();
        },
        outcome: 'ok',
      },
      'tells of progress that is nobody’s': {
        deed: (hit) => {
          const token = { progress: 1, message: hit.nonce };
          for (const progressToken of ['mine', hit.id + 1_000, -hit.id, 0, '', 'x', '__proto__', null]) {
            hit.say(notice('notifications/progress', { progressToken, ...token }));
          }
          hit.fine();
        },
        outcome: 'ok',
      },
      'says that all its lists have changed, again and again': {
        deed: (hit) => {
          for (let n = 0; n < 100; n++) for (const method of LISTS) hit.say(notice(method));
          hit.fine();
        },
        outcome: 'ok',
      },
      'says that every resource was updated, again and again': {
        deed: (hit) => {
          const uris = front.clients.map(({ nonce }) => uriOf(nonce));
          for (let n = 0; n < 50; n++)
            for (const uri of [...uris, `test://${n}`, '', '__proto__']) hit.say(updated(uri));
          hit.fine();
        },
        outcome: 'ok',
      },
      'says what has no meaning': {
        deed: (hit) => {
          for (const method of ['notifications/initialized', 'notifications/elicitation/complete', '__proto__', '']) {
            hit.say(notice(method, { elicitationId: hit.nonce }));
          }
          for (const id of [0, null, 'x', '__proto__', 1e300]) hit.say(request('ping', id as number));
          hit.fine();
        },
        outcome: 'ok',
      },
      'stops to read': { deed: ({ socket }) => front.upstream.doze(socket), outcome: 'upstream_timeout' },
      'closes one half': { deed: ({ socket }) => void socket.pause().end(), outcome: 'upstream_unavailable' },
      'is gone': { deed: ({ socket }) => void socket.destroy(), outcome: 'upstream_unavailable' },
      'is gone in the middle of a reply': {
        deed: ({ id, bytes, socket }) => {
          bytes(JSON.stringify(fine(id)).slice(0, -5));
          socket.destroySoon();
        },
        outcome: 'upstream_unavailable',
      },
      'floods its standard error': {
        kinds: ['stdio'],
        deed: (hit) => {
          for (const stderr of front.upstream.stderr) stderr.write('a line that nobody asked for\n'.repeat(20_000));
          hit.fine();
        },
        outcome: 'ok',
      },
      'hands out another session id': {
        kinds: ['http'],
        deed: (hit) => (hit.response?.setHeader('mcp-session-id', 'another'), hit.fine()),
        outcome: 'ok',
      },
    };

    deeds.set(kind, Object.fromEntries(Object.entries(DEEDS).map(([name, { deed }]) => [name, deed])));

    beforeAll(async () => {
      front = siege.front(kind);
      for (const witness of front.clients) {
        await witness.ask((id) => request('resources/subscribe', id, { uri: uriOf(witness.nonce) }));
      }
    });

    const own = Object.entries(DEEDS).filter(([, { kinds }]) => kinds?.includes(kind) ?? true);
    it.each(own)('%s', async (name, { outcome }) => {
      asked.clear();
      front.upstream.replies.length = 0;
      front.upstream.sleepy();
      // What is posted to HTTP+SSE when the stream has just gone is refused by the server.
      const refused = kind === 'sse' && outcome === 'upstream_unavailable' ? ['upstream_protocol_error'] : [];
      await front.suffers(
        (witness) => witness.call(name),
        [outcome, ...refused],
        () => front.upstream.wake(),
      );
      for (const [id, nonce] of asked) {
        await until(() => answersTo(id).length > 0, `an answer to ${String(id)}`, 2_000);
        for (const { result } of answersTo(id) as { result: { action: string; content?: { nonce: string } } }[]) {
          if (result.action === 'cancel') continue;
          expect(result).toEqual({ action: 'accept', content: { nonce } });
          expect(nonce).toMatch(/^own/);
        }
      }
    });

    it('has told every client of its own resource, of no progress, and of no list that did not change', async () => {
      for (const { told } of front.clients) {
        await until(() => told.has('notifications/resources/updated'), 'an update');
        expect(told.get('notifications/progress')).toBeUndefined();
        for (const method of LISTS) expect(told.get(method), method).toBeUndefined();
      }
    });

    it('was asked for its lists far less often than it said that they have changed', () => {
      const asked = front.upstream.requests.filter(({ message }) => String(message['method']).endsWith('/list'));
      expect(asked.length).toBeLessThan(300);
    });
  });
});
