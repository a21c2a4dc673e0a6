import type { IncomingMessage } from 'node:http';

import { DownstreamApp, call, initialize, request, type Overrides } from '../../test/support/downstream.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { listen, modernCall, openModern, postModern } from '../../test/support/modern.js';
import { SseClient } from '../../test/support/sse-client.js';
import { until } from '../../test/support/until.js';
import { AuthService, type Credentials, insufficientScope } from '../auth/index.js';
import { result } from '../core/message.js';
import { ANONYMOUS, type Principal, principalOf } from '../core/principal.js';

const EVENTS = { accept: 'text/event-stream' };

/** Two people, and one of them with other credentials, by what they say in `x-api-key`. */
function people(expiresAt?: number): Record<string, Principal> {
  const key = (subject: string, more: Partial<Principal> = {}): Principal =>
    principalOf({ method: 'api_key', subject, ...more });
  return {
    ann: key('ann'),
    bob: key('bob'),
    'ann-again': key('ann', { scopes: ['crm:write'], roles: ['admin'] }),
    'ann-ending': key('ann', { expiresAt }),
  };
}

describe('principals', () => {
  const clock = new ManualClock();
  let gateway: DownstreamApp;
  let routes: string[];

  const start = async (overrides: Overrides = {}): Promise<void> => {
    routes = [];
    const known = people(clock.wall() + 60_000);
    gateway = await DownstreamApp.start(overrides, clock);
    gateway.app.get(AuthService).authenticate = ({ headers }: Credentials, { route }) => {
      routes.push(route);
      return known[String(headers['x-api-key'])] ?? ANONYMOUS;
    };
  };
  const as = (key: string, more: Record<string, string> = {}): Record<string, string> => ({
    'x-api-key': key,
    ...more,
  });
  const session = async (key: string): Promise<Record<string, string>> => {
    const { headers } = await gateway.post(initialize(), as(key));
    return { 'mcp-session-id': String(headers['mcp-session-id']), 'mcp-protocol-version': '2025-11-25' };
  };
  afterEach(() => gateway.stop());

  describe('whose credential runs out', () => {
    beforeEach(() => start({ ServerSection: { pingInterval: 3_600_000 } }));

    it('lose their WebSocket, and are told what became of their requests', async () => {
      const client = await gateway.connect('/mcp', { headers: as('ann-ending') });
      const reason = new Promise((resolve) => client.socket.once('close', (_, why: Buffer) => resolve(String(why))));
      await client.ask(initialize());
      gateway.routes.handler = () => new Promise(() => undefined);
      client.send(call('slow', 7));
      await until(() => gateway.routes.seen.length === 1, 'the call');

      clock.advance(60_000);
      expect(await client.next()).toMatchObject({ id: 7, error: { data: { reason: 'auth_invalid' } } });
      expect([await client.closed, await reason]).toEqual([1008, 'credential expired']);
      await until(() => gateway.connections.length === 0, 'it to be forgotten');
    });

    it('lose their stream of HTTP+SSE', async () => {
      const client = await SseClient.open(gateway, '/sse', as('ann-ending'));
      expect(await client.ask(initialize())).toMatchObject({ result: {} });

      clock.advance(60_000);
      await client.closed;
      expect((await client.post(request('ping', 3))).status).toBe(404);
    });

    it('lose the stream of their session, and may open another', async () => {
      const own = await session('ann');
      const stream = await gateway.open('GET', { headers: { ...own, ...EVENTS, ...as('ann-ending') } });
      clock.advance(60_000);
      await ended(stream);

      const again = await gateway.open('GET', { headers: { ...own, ...EVENTS, ...as('ann') } });
      clock.advance(120_000);
      expect(again.complete).toBe(false);
      again.destroy();
    });

    it('stop listening', async () => {
      gateway.routes.handler = () => new Promise(() => undefined);
      const stream = await openModern(gateway, listen(1), as('ann-ending'));
      await until(() => gateway.routes.seen.length === 1, 'the listen');

      clock.advance(60_000);
      expect(await ended(stream)).toContain('"id":1,"result"');
      expect(gateway.routes.seen[0]?.exchange.signal.aborted).toBe(true);
    });

    it('keep nobody else from anything', async () => {
      const client = await gateway.connect('/mcp', { headers: as('ann') });
      await client.ask(initialize());
      clock.advance(120_000);
      expect(await client.ask(request('ping', 1))).toMatchObject({ id: 1, result: {} });
    });
  });

  describe('with as many as they may have', () => {
    it('make room among their own sessions, and leave those of others alone', async () => {
      await start({ SessionSection: { maxSessionsPerPrincipal: 2, maxSessions: 3 } });
      const [first, other] = [await session('ann'), await session('bob')];
      clock.advance(1);
      const rest = [await session('ann'), await session('ann')];

      gateway.routes.handler = () => Promise.resolve(result({ ok: true }));
      for (const mine of [...rest, first])
        expect((await gateway.post(call('x', 1), { ...mine, ...as('ann') })).status).toBe(200);
      expect((await gateway.post(call('x', 1), { ...other, ...as('bob') })).status).toBe(200);
    });

    it('are let in one by one, however many of their connections waited for the same verification', async () => {
      await start({ SessionSection: { maxSessionsPerPrincipal: 2 } });
      const verified = Promise.withResolvers<Principal>();
      let waiting = 0;
      gateway.app.get(AuthService).authenticate = () => {
        waiting++;
        return verified.promise;
      };
      const headers = as('ann');
      const opened = Array.from({ length: 6 }, () =>
        Promise.race([
          gateway.connect('/mcp', { headers }).then(() => 101),
          gateway.refused('/mcp', { headers }).then(({ status }) => status),
        ]).catch(() => undefined),
      );
      await until(() => waiting >= 6, 'all to wait');
      verified.resolve(people()['ann']!);
      const statuses = await Promise.all(opened);
      expect(statuses.filter((status) => status === 101).length).toBeLessThanOrEqual(2);
      expect(gateway.connections).toHaveLength(2);
    });

    it('get no session more while all of theirs are busy', async () => {
      await start({ SessionSection: { maxSessionsPerPrincipal: 1 } });
      const own = await session('ann');
      const stream = await gateway.open('GET', { headers: { ...own, ...EVENTS, ...as('ann') } });

      const refused = await gateway.post(initialize(), as('ann'));
      expect([refused.status, refused.headers['retry-after']]).toEqual([503, '30']);
      expect(refused.json).toMatchObject({ error: { data: { reason: 'limit_sessions' } } });
      expect((await gateway.post(initialize(), as('bob'))).status).toBe(200);
      expect((await gateway.post(initialize())).status).toBe(200);
      stream.destroy();
    });

    it('get no connection more, by WebSocket or HTTP+SSE', async () => {
      await start({ SessionSection: { maxSessionsPerPrincipal: 1 } });
      const one = await gateway.connect('/mcp', { headers: as('ann') });

      expect(await gateway.refused('/mcp', { headers: as('ann') })).toMatchObject({
        status: 503,
        json: { error: { data: { reason: 'limit_sessions' } } },
      });
      const stream = await gateway.http('GET', { path: '/sse', headers: as('ann', EVENTS) });
      expect([stream.status, stream.headers['retry-after']]).toEqual([503, '1']);
      const others = await Promise.all([
        gateway.connect('/mcp', { headers: as('bob') }),
        gateway.connect(),
        gateway.connect(),
      ]);
      expect(others).toHaveLength(3);

      one.socket.close();
      await one.closed;
      await until(() => gateway.connections.length === 3, 'the place to be free');
      await gateway.connect('/mcp', { headers: as('ann') });
    });

    it('get no modern request more in flight', async () => {
      await start({ ServerSection: { maxInFlightPerPrincipal: 1 } });
      let finish: () => void = () => undefined;
      gateway.routes.handler = () =>
        new Promise((resolve) => {
          finish = () => resolve(result({ ok: true }));
        });
      const first = postModern(gateway, modernCall('slow', 1), as('ann'));
      await until(() => gateway.routes.seen.length === 1, 'the call');

      const second = await postModern(gateway, modernCall('slow', 2), as('ann'));
      expect([second.status, second.headers['retry-after']]).toEqual([429, '1']);
      expect(second.json).toMatchObject({ id: 2, error: { data: { reason: 'limit_in_flight' } } });
      finish();
      expect((await first).status).toBe(200);

      gateway.routes.handler = () => Promise.resolve(result({ ok: true }));
      expect((await postModern(gateway, modernCall('slow', 3), as('ann'))).status).toBe(200);
    });

    it('are never counted together where nobody knows who they are', async () => {
      await start({ ServerSection: { maxInFlightPerPrincipal: 1 } });
      gateway.routes.handler = () => new Promise(() => undefined);
      const gone = new AbortController();
      const calls = [1, 2, 3].map((id) =>
        openModern(gateway, modernCall('slow', id), {}, gone.signal).catch(() => undefined),
      );
      await until(() => gateway.routes.seen.length === 3, 'all of them');
      gone.abort();
      await Promise.all(calls);
    });
  });

  describe('over HTTP+SSE', () => {
    beforeEach(() => start());

    it('are judged by the credential of each message, on the route of their stream', async () => {
      const client = await SseClient.open(gateway, '/sse/crm', as('ann'));
      await client.ask(initialize());
      routes.length = 0;
      expect((await client.post(call('x', 1), as('ann-again'))).status).toBe(202);
      expect(await client.next()).toMatchObject({ id: 1, result: { ok: true } });

      expect(routes).toEqual(['crm']);
      expect(gateway.routes.seen[0]?.exchange.principal).toMatchObject({ subject: 'ann', scopes: ['crm:write'] });
    });

    it('find no session of anybody else', async () => {
      const client = await SseClient.open(gateway, '/sse', as('ann'));
      for (const other of ['bob', 'nobody'])
        expect((await client.post(request('ping', 1), as(other))).status).toBe(404);
    });
  });

  describe('who need more scopes', () => {
    beforeEach(async () => {
      await start({
        OAuthSection: { authorizationServers: ['https://id.example'] },
        SecuritySection: { publicUrl: 'https://gw.example/' },
        AuthSection: { routes: { crm: { scopes: ['mcp:use'] } } },
      });
      gateway.routes.handler = (_, { principal, route }) => {
        if (principal.scopes.includes('crm:write')) return Promise.resolve(result({ ok: true }));
        return Promise.reject(insufficientScope(route, ['crm:write']));
      };
    });
    const METADATA = 'resource_metadata="https://gw.example/.well-known/oauth-protected-resource/mcp"';
    const CHALLENGE = `Bearer error="insufficient_scope", scope="crm:write", ${METADATA}`;
    const ERROR = { error: { data: { reason: 'auth_insufficient_scope', scopes: ['crm:write'] } } };

    it('are told which, over Streamable HTTP of both eras', async () => {
      const own = await session('ann');
      const legacy = await gateway.post(call('x', 1), { ...own, ...as('ann') });
      const modern = await postModern(gateway, modernCall('x', 2), as('ann'));
      for (const answer of [legacy, modern]) {
        expect([answer.status, answer.headers['www-authenticate']]).toEqual([403, CHALLENGE]);
        expect(answer.json).toMatchObject(ERROR);
      }
      expect((await gateway.post(call('x', 1), { ...own, ...as('ann-again') })).status).toBe(200);
    });

    it('are told which in the error, over connections of their own', async () => {
      const client = await gateway.connect('/mcp', { headers: as('ann') });
      await client.ask(initialize());
      expect(await client.ask(call('x', 1))).toMatchObject({ id: 1, ...ERROR });
    });

    it('are not let onto a route that needs them for everything', async () => {
      const challenge = `Bearer error="insufficient_scope", scope="mcp:use", ${METADATA.replace('/mcp"', '/mcp/crm"')}`;
      const answers = [
        await gateway.post(initialize(), as('ann'), '/mcp/crm'),
        await gateway.http('GET', { path: '/mcp/crm', headers: as('ann', EVENTS) }),
        await gateway.http('DELETE', { path: '/mcp/crm', headers: as('ann') }),
        await gateway.refused('/mcp/crm', { headers: as('ann') }),
      ];
      for (const answer of answers) {
        expect([answer.status, answer.headers['www-authenticate']]).toEqual([403, challenge]);
      }
      const stream = await gateway.http('GET', { path: '/sse/crm', headers: as('ann', EVENTS) });
      expect(stream.headers['www-authenticate']).toBe(challenge.replace('/mcp/crm"', '/sse/crm"'));
      expect(await gateway.post(initialize(), {}, '/mcp/crm')).toMatchObject({ status: 401 });
    });
  });
});

/** All that a response says until it ends. */
async function ended(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return text;
}
