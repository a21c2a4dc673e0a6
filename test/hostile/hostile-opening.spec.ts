import { request, type Json } from '../support/raw-clients.ts';
import { until } from '../support/until.ts';
import { type Fault, type Hit, KINDS, type Kind, toolList } from './support/hostile-upstream.ts';
import { type Front, Siege } from './support/siege.ts';

const DOWN = ['upstream_unavailable', 'upstream_timeout', 'upstream_protocol_error', 'upstream_unavailable'];

const when = (method: string, act: (hit: Hit) => unknown): Fault => ({
  takes: (hit) => (hit.method === method ? (act(hit), true) : method === 'initialize' && forgets(hit)),
});
/** A session over HTTP is not lost with its connection. */
const forgets = ({ headers, response }: Hit): boolean => {
  if (headers['mcp-session-id'] === undefined) return false;
  response?.writeHead(404).end();
  return true;
};
const introducedAs = (result: unknown): Fault =>
  when('initialize', ({ id, say }) => say({ jsonrpc: '2.0', id, result }));
const endpoint = (...lines: string[]): Fault => ({
  answers: ({ method }, response) => {
    if (method !== 'GET') return false;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    for (const line of lines) response.write(`event: endpoint\ndata: ${line}\n\n`);
    return true;
  },
});

let posts = 0;

const FAULTS: Record<string, { fault: Fault; kinds?: readonly Kind[]; outcomes?: readonly string[] }> = {
  'ends at its start': { fault: { connect: 'drop' } },
  'does not speak': { fault: { connect: 'hang' } },
  'does not introduce itself': { fault: when('initialize', () => undefined) },
  'ends when it is asked who it is': { fault: when('initialize', ({ socket }) => socket.destroy()) },
  'introduces itself with an error': {
    fault: when('initialize', ({ id, say }) => say({ jsonrpc: '2.0', id, error: { code: -1, message: 'canary-no' } })),
  },
  'introduces itself with nothing': { fault: introducedAs({}) },
  'introduces itself with noise': { fault: introducedAs({ protocolVersion: [], capabilities: 7, serverInfo: 'x' }) },
  'speaks a revision that nobody knows': {
    fault: introducedAs({ protocolVersion: '1999-01-01', capabilities: {}, serverInfo: { name: 'x', version: '1' } }),
  },
  'asks before it introduces itself': {
    fault: when('initialize', ({ say }) =>
      ['ping', 'roots/list', 'sampling/createMessage'].forEach((m, n) => say(request(m, n))),
    ),
  },
  'has forgotten every second session': {
    kinds: ['http'],
    fault: {
      answers: ({ method }, response) => {
        if (method !== 'POST' || ++posts % 2) return false;
        response.writeHead(404).end();
        return true;
      },
    },
    outcomes: ['ok', ...DOWN],
  },
  'names two endpoints': { kinds: ['sse'], fault: endpoint('/a', '/b') },
  'names an endpoint of another host': { kinds: ['sse'], fault: endpoint('http://127.0.0.2:9/canary-host') },
  'names an endpoint that is none': { kinds: ['sse'], fault: endpoint('http://[', '\u0000', '') },
  'names no endpoint': { kinds: ['sse'], fault: endpoint() },
};

/** What is wrong with its list of tools, which is asked for once it is introduced. */
const LISTS: Record<string, (hit: Hit) => unknown> = {
  'never ends': ({ id, say }) =>
    say({ jsonrpc: '2.0', id, result: { ...toolList(['fine']), nextCursor: `after-${id}` } }),
  'never comes': () => undefined,
  'is none': ({ id, say }) => say({ jsonrpc: '2.0', id, result: { tools: 'canary-list' } }),
  'is refused': ({ id, say }) => say({ jsonrpc: '2.0', id, error: { code: -32_603, message: 'no' } }),
};

let siege: Siege;

beforeAll(async () => {
  siege = await Siege.begin(
    () => ({}),
    'connect_timeout = "300ms"\ninitialize_timeout = "300ms"\nhealth_check = { interval = "250ms" }',
  );
});
afterAll(async () => {
  await siege.target.unharmed();
  siege.expectBoundedMemory();
  await siege.end();
});

describe.concurrent.each(KINDS)('a hostile server over %s', (kind) => {
  describe('that is not there as it should be', { concurrent: false }, () => {
    let front: Front;

    beforeAll(() => {
      front = siege.front(kind);
    });

    const begin = (fault: Fault): void => {
      front.upstream.fault = fault;
      front.upstream.crash();
    };
    const stop = (): void => {
      front.upstream.fault = {};
      front.upstream.crash();
    };
    const suffers = (ask: Parameters<Front['suffers']>[0], outcomes: readonly string[]): Promise<void> =>
      front.suffers(ask, outcomes, stop);

    const faults = Object.entries(FAULTS).filter(([, { kinds }]) => kinds?.includes(kind) ?? true);
    it.each(faults)('%s', async (_, { fault, outcomes = DOWN }) => {
      begin(fault);
      // Who has no session over HTTP has nothing to introduce anew.
      await suffers((witness) => witness.call('fine'), kind === 'http' ? ['ok', ...outcomes] : outcomes);
    });

    it.each(Object.entries(LISTS))('its list %s', async (_, act) => {
      begin(when('tools/list', act));
      const list = (id: number): Json => request('tools/list', id);
      await suffers((witness) => witness.ask(list), ['ok', 'relayed', ...DOWN]);
    });

    it('answers each ping three times, and some that nobody sent', async () => {
      let pings = 0;
      begin(
        when('ping', ({ id, say }) => {
          pings++;
          for (const other of [id, id, id, id + 1_000, -id, 'x', null]) say({ jsonrpc: '2.0', id: other, result: {} });
        }),
      );
      await until(() => pings > 0, 'a ping', 5_000);
      await suffers((witness) => witness.call('fine'), ['ok', ...DOWN]);
    });
  });
});
