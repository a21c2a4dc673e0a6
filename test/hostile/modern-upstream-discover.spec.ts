import { described, LEGACY, type Hit, type Misdeed } from './support/hostile-modern.ts';
import { ModernSiege } from './support/modern-siege.ts';

const DOWN = ['upstream_unavailable', 'upstream_timeout', 'upstream_protocol_error'];

const says =
  (result: unknown): Misdeed =>
  (hit) =>
    hit.result(JSON.stringify(result));

/** What is said to the question what the server is. Whoever is taken for legacy because of it is not that either. */
const ANSWERS: Record<string, Misdeed> = {
  rubbish: says({ supportedVersions: 7, capabilities: 'canary', _meta: [] }),
  'a text': says('canary-text'),
  nothing: says({}),
  'a page': (hit) => hit.body('<h1>canary-page</h1>', 404, 'text/html'),
  'a redirect': (hit) => hit.response.writeHead(307, { location: 'http://127.0.0.1:1/canary' }).end(),
  'versions that nobody knows': says(described(['1999-01-01', '2999-01-01', 7, null])),
  'a refusal that names legacy versions': (hit) => hit.error(-32022, { supported: ['2025-11-25'] }, 400),
  'a refusal that names the very version': (hit) => hit.error(-32022, { supported: ['2026-07-28'] }, 400),
  'a refusal of the headers': (hit) => hit.error(-32020, undefined, 400),
  'an error for nobody': (hit) => hit.error(-32600, undefined, 200, null),
  'an error for another': (hit) => hit.error(-32601, undefined, 200, hit.id + 7),
  silence: () => undefined,
  'its end': (hit) => hit.response.destroy(),
  'a stack': (hit) => hit.body('Error: canary\n    at x (/srv/canary.js:1:1)', 500, 'text/plain'),
  'a question': (hit) => {
    hit.event({ jsonrpc: '2.0', id: 1, method: 'sampling/createMessage', params: {} }).response.end();
  },
};

const describes = (hit: Hit): void => hit.result(described(['2026-07-28']));

/** A server that says that it is modern, and then to everything the same. */
const REFUSALS: Record<string, { readonly deed: Misdeed; readonly outcomes: readonly string[] }> = {
  'no such method': { deed: (hit) => hit.error(-32601), outcomes: ['relayed'] },
  'no such version': { deed: (hit) => hit.error(-32022, { supported: ['2026-07-28'] }, 400), outcomes: DOWN },
  'nothing here': { deed: (hit) => hit.body('canary', 404, 'text/plain'), outcomes: DOWN },
  'not so': { deed: (hit) => hit.body('canary', 400, 'text/plain'), outcomes: DOWN },
  'a fault': { deed: (hit) => hit.body('canary', 500, 'text/plain'), outcomes: DOWN },
  'wrong headers': { deed: (hit) => hit.error(-32020, undefined, 400), outcomes: DOWN },
};

const FLIPS = ['legacy to modern', 'modern to legacy'];
const names = [...Object.keys(ANSWERS), ...Object.keys(REFUSALS), ...FLIPS, 'twice'];
const groupOf = (name: string): string => `g${names.indexOf(name)}`;

let siege: ModernSiege;

beforeAll(async () => {
  siege = await ModernSiege.begin(
    names.map(groupOf),
    'reconnect = { min = "20ms", max = "100ms" }\nhealth_check = { interval = "250ms" }',
  );
});
afterAll(() => siege.end());

describe.concurrent('a server that is asked what it is', () => {
  it.each(FLIPS)('and is of another era after each restart, from %s, is served in its own', async (name) => {
    const front = siege.front(groupOf(name));
    for (let times = 0; times < 2; times++) {
      front.server.restart(LEGACY);
      await front.recovered();
      expect(front.server.of('initialize').length).toBeGreaterThan(times);
      front.server.restart();
      await front.recovered();
    }
  });

  it.each(Object.entries(ANSWERS))('and answers with %s', async (name, answer) => {
    const front = siege.front(groupOf(name));
    const { server } = front;
    const before = server.count();
    // What it answers so to a call makes that the question is asked again.
    server.restart({ 'server/discover': answer, 'tools/call': (hit) => hit.error(-32022, {}, 400) });
    for (const outcome of await front.outcomes()) expect(DOWN).toContain(outcome);
    expect(server.count() - before).toBeLessThan(200);
    server.restart();
    await front.recovered();
  });

  it('and answers twice is what it said first', async () => {
    const front = siege.front(groupOf('twice'));
    const twice: Misdeed = (hit) => {
      for (const version of ['2026-07-28', 'canary']) {
        hit.event({ jsonrpc: '2.0', id: hit.id, result: { resultType: 'complete', ...described([version]) } });
      }
      hit.response.end();
    };
    front.server.restart({ 'server/discover': twice, 'tools/call': (hit) => hit.error(-32022, {}, 400) });
    await front.outcomes();
    front.server.misdeeds = { 'server/discover': twice };
    await front.recovered();
  });

  it.each(Object.entries(REFUSALS))('and is modern, and then answers %s', async (name, { deed, outcomes }) => {
    const front = siege.front(groupOf(name));
    front.server.restart({ 'server/discover': describes, '*': deed });
    const before = front.server.count();
    for (let n = 0; n < 5; n++) for (const outcome of await front.outcomes()) expect(outcomes).toContain(outcome);
    // Ten calls: each is sent twice at most, and has the server introduced anew as often.
    expect(front.server.count() - before).toBeLessThan(100);
    front.server.restart();
    await front.recovered();
  });
});
