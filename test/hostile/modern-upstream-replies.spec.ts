import type { Json } from '../support/raw-clients.ts';
import { fine, type Hit, type Misdeeds } from './support/hostile-modern.ts';
import { ModernSiege } from './support/modern-siege.ts';
import { MEBI } from './support/replies.ts';

const QUESTION = {
  method: 'elicitation/create',
  params: { mode: 'form', message: '?', requestedSchema: { type: 'object', properties: {} } },
};
const asks = (more: Json): Misdeeds => calls((hit) => hit.result({ resultType: 'input_required', ...more }));
const calls = (deed: (hit: Hit) => unknown): Misdeeds => ({ 'tools/call': deed });
const many = (count: number, question: Json): Json =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`q${n}`, question]));
const progress = (progressToken: unknown, value: unknown): Json => ({
  jsonrpc: '2.0',
  method: 'notifications/progress',
  params: { progressToken, progress: value, message: 'canary-progress' },
});
const content = '"content":[{"type":"text","text":"fine"}]';

const BROKEN = 'upstream_protocol_error';
const LOST = 'upstream_unavailable';

interface Case {
  readonly misdeeds: Misdeeds;
  readonly legacy: string;
  readonly modern?: string;
  readonly method?: string;
  readonly params?: Json;
}
const one = (misdeeds: Misdeeds, legacy: string, modern = legacy): Case => ({ misdeeds, legacy, modern });

const REPLIES: Record<string, Case> = {
  'no resultType': one(
    calls((hit) => hit.result(`{${content}}`)),
    'ok',
  ),
  'an unknown resultType': one(
    calls((hit) => hit.result(`{"resultType":"canary",${content}}`)),
    BROKEN,
  ),
  'a resultType that is no string': one(
    calls((hit) => hit.result(`{"resultType":7,${content}}`)),
    BROKEN,
  ),
  'two resultTypes': one(
    calls((hit) => hit.result(`{"resultType":"input_required","resultType":"complete",${content}}`)),
    'ok',
  ),
  'a task that nobody wants': one(
    calls((hit) => hit.result({ resultType: 'task', taskId: 'canary', status: 'working' })),
    BROKEN,
  ),
  'a question with neither member': one(asks({}), BROKEN),
  'questions that are none': one(asks({ inputRequests: 7 }), BROKEN),
  'questions that are a list': one(asks({ inputRequests: [QUESTION] }), BROKEN),
  'no question': one(asks({ inputRequests: {} }), BROKEN),
  'a question of no kind': one(asks({ inputRequests: { q: { method: 'canary/ask' } } }), BROKEN),
  // A legacy client is told in the result of the tool what it lacks.
  'a question that was not declared': one(asks({ inputRequests: { q: { method: 'roots/list' } } }), 'ok', BROKEN),
  'a question in an unknown mode': one(
    asks({ inputRequests: { q: { ...QUESTION, params: { mode: 'url', url: 'https://canary' } } } }),
    'ok',
    BROKEN,
  ),
  'questions with keys of all objects': one(
    calls((hit) =>
      hit.params['inputResponses']
        ? hit.fine()
        : hit.result(`{"resultType":"input_required","inputRequests":{"__proto__":${JSON.stringify(QUESTION)}}}`),
    ),
    'ok',
  ),
  '10,000 questions': one(asks({ inputRequests: many(10_000, QUESTION) }), BROKEN),
  'a state that is no string': one(asks({ requestState: 7 }), BROKEN),
  'a state of half a megabyte': one(
    asks({ requestState: 'x'.repeat(MEBI / 2), inputRequests: { q: QUESTION } }),
    BROKEN,
  ),
  'a state of three megabytes': one(asks({ requestState: 'x'.repeat(3 * MEBI) }), BROKEN),
  'one more question, for ever': one(asks({ requestState: 'again', inputRequests: { q: QUESTION } }), BROKEN, 'ok'),
  'a state and nothing else, for ever': one(asks({ requestState: 'again' }), 'upstream_timeout', 'ok'),
  'a question to a list': {
    ...one(
      { 'tools/list': (hit) => hit.result({ resultType: 'input_required', inputRequests: { q: QUESTION } }) },
      BROKEN,
    ),
    method: 'tools/list',
    params: {},
  },
  'a missing capability that was declared': one(
    calls((hit) => hit.error(-32021, { requiredCapabilities: { elicitation: { form: {} } } }, 400)),
    'ok',
    BROKEN,
  ),
  'a missing capability that is none': one(
    calls((hit) => hit.error(-32021, { requiredCapabilities: 'canary' }, 400)),
    'ok',
    BROKEN,
  ),
  'refused headers, for ever': one(
    calls((hit) => hit.error(-32020, undefined, 400)),
    BROKEN,
  ),
  'a list that lasts for ever': {
    ...one(
      { 'tools/list': (hit) => hit.result('{"resultType":"complete","tools":[],"ttlMs":1e308,"cacheScope":"canary"}') },
      'ok',
    ),
    method: 'tools/list',
    params: {},
  },
  'a list that lasts less than nothing': {
    ...one(
      { 'tools/list': (hit) => hit.result('{"resultType":"complete","tools":[],"ttlMs":-1e308,"cacheScope":7}') },
      'ok',
    ),
    method: 'tools/list',
    params: {},
  },
  'a list that lasts a string': {
    ...one({ 'tools/list': (hit) => hit.result('{"resultType":"complete","tools":[],"ttlMs":"60000"}') }, 'ok'),
    method: 'tools/list',
    params: {},
  },
  'a list that lasts no number': {
    ...one({ 'tools/list': (hit) => hit.result('{"resultType":"complete","tools":[],"ttlMs":NaN}') }, BROKEN),
    method: 'tools/list',
    params: {},
  },
  'two replies on a stream': one(
    calls((hit) => (hit.event(fine(hit.id)).event(fine(hit.id, 'canary-again')), hit.response.end())),
    'ok',
  ),
  'the reply to another': one(
    calls(
      (hit) => (
        hit.event(fine(hit.id + 1, 'canary-other')).event(fine(hit.id - 1, 'canary-other')),
        hit.response.end()
      ),
    ),
    LOST,
  ),
  'a body for another': one(
    calls((hit) => hit.body(fine(hit.id + 1, 'canary-other'))),
    BROKEN,
  ),
  'questions of the legacy kind': one(
    calls((hit) => {
      for (const id of [0, hit.id, 'x']) hit.event({ jsonrpc: '2.0', id, ...QUESTION });
      hit.fine();
    }),
    'ok',
  ),
  'words after the reply': one(
    calls((hit) => {
      hit.event(fine(hit.id));
      hit.event(progress(hit.id, 9)).notify('notifications/message', { level: 'error', data: 'canary-late' });
      hit.response.end();
    }),
    'ok',
  ),
  'progress of nobody': one(
    calls((hit) => {
      for (const token of [hit.id + 1, hit.id - 1, 'mine', '__proto__', null]) hit.event(progress(token, 1));
      hit.fine();
    }),
    'ok',
  ),
  'a stream without end': one(
    calls((hit) => {
      const timer = setInterval(() => hit.response.write(': still here\n\n'), 5);
      hit.event('{}').response.once('close', () => clearInterval(timer));
    }),
    'upstream_timeout',
  ),
  'no end after the reply': one(
    calls((hit) => hit.event(fine(hit.id))),
    'ok',
  ),
  'a stream that ends at once': one(
    calls((hit) => hit.response.writeHead(200, { 'content-type': 'text/event-stream' }).end()),
    LOST,
  ),
  'an event that is too long': one(
    calls((hit) => hit.event(fine(hit.id, 'x'.repeat(MEBI + 1)))),
    BROKEN,
  ),
  'an event that never ends': one(
    calls((hit) => {
      hit.event('{}');
      hit.response.write(`data: ${'x'.repeat(2 * MEBI)}`);
    }),
    BROKEN,
  ),
  'a compressed reply': one(
    calls((hit) =>
      hit.response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end('canary'),
    ),
    BROKEN,
  ),
  'our headers back': one(
    calls((hit) => {
      for (const [name, value] of Object.entries(hit.headers))
        if (name.startsWith('mcp-')) hit.response.setHeader(name, String(value));
      hit.response.setHeader('mcp-session-id', 'canary-session');
      hit.fine();
    }),
    'ok',
  ),
};

let siege: ModernSiege;
const names = Object.keys(REPLIES);
const groupOf = (name: string): string => `g${names.indexOf(name) % 8}`;

beforeAll(async () => {
  siege = await ModernSiege.begin(
    Array.from({ length: 8 }, (_, n) => `g${n}`),
    `max_message_bytes = ${MEBI}`,
  );
});
afterAll(() => siege.end());

describe.concurrent.each(Array.from({ length: 8 }, (_, n) => n))(
  'a modern server that replies to a call with (%i)',
  (n) => {
    describe('what it should not', { concurrent: false }, () => {
      it.each(names.filter((name) => groupOf(name) === `g${n}`))('%s', async (name) => {
        const { misdeeds, legacy, modern, method, params } = REPLIES[name] as Case;
        const front = siege.front(`g${n}`);
        const before = front.server.count('tools/call');
        expect(await front.suffers(misdeeds, method, params), name).toEqual([legacy, modern]);
        expect(front.server.count('tools/call') - before, name).toBeLessThan(20);
      });
    });
  },
);
