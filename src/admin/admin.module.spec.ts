import { NotFoundException, RequestMethod, type INestApplication, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { request } from 'undici';

import { type AdminAppOptions, startAdminApp } from '../../test/support/admin-app.js';
import { FakeEngine, finished, groupView, serverView } from '../../test/support/surfaces.js';
import { GatewayError } from '../core/errors.js';
import { AdminModule, type AdminGate } from './index.js';

describe('the admin API', () => {
  let engine: FakeEngine;
  let app: INestApplication;
  let origin: string;

  beforeEach(() => {
    engine = new FakeEngine();
    engine.groups = [
      groupView('crm', serverView('a'), serverView('b', { state: { kind: 'down', since: 0, reason: 'refused' } })),
      groupView('docs', serverView('a', { transport: 'websocket' })),
    ];
  });

  afterEach(() => app.close());

  async function start(options: AdminAppOptions = {}): Promise<void> {
    ({ app, origin } = await startAdminApp(engine, options));
  }

  async function get(path: string): Promise<{ status: number; body: unknown; cached: string | null }> {
    const response = await fetch(`${origin}/api/v1/${path}`);
    const body: unknown = await response.json();
    return { status: response.status, body, cached: response.headers.get('cache-control') };
  }

  describe('GET /api/v1/status', () => {
    it('puts together what runs', async () => {
      await start();
      engine.clock.advance(90_500);
      engine.topology.generation = 3;
      engine.connections.push(connection('c-1'));
      engine.events.emit('exchange.finished', finished());
      engine.events.emit('exchange.finished', finished({}, { status: 504 }));

      expect(await get('status')).toEqual({
        status: 200,
        cached: 'no-store',
        body: {
          name: 'test-gateway',
          version: '1.2.3',
          environment: 'test',
          node_version: process.version,
          generation: 3,
          uptime_seconds: 90,
          draining: false,
          connections: 1,
          groups: 2,
          servers: 3,
          servers_up: 2,
          requests_total: 2,
          requests_failed: 1,
        },
      });
    });
  });

  describe('GET /api/v1/upstreams', () => {
    it('lists groups and servers in the order of the configuration, with flat states', async () => {
      await start();
      engine.clock.advance(2_500);

      expect((await get('upstreams')).body).toMatchObject({
        groups: [
          {
            name: 'crm',
            path: '/mcp/crm',
            servers_up: 1,
            servers: [
              { id: 'a', state: 'up', reason: null, breaker: 'closed', breaker_retry_seconds: null, revision: null },
              { id: 'b', state: 'down', state_seconds: 2.5, reason: 'refused' },
            ],
          },
          { name: 'docs', servers: [{ id: 'a', group: 'docs', transport: 'websocket' }] },
        ],
      });
    });

    it('counts the sessions that clients have with a server for themselves', async () => {
      engine.groups = [groupView('crm', serverView('a', { sessions: 3 }))];
      await start();

      expect((await get('upstreams')).body).toMatchObject({ groups: [{ servers: [{ id: 'a', sessions: 3 }] }] });
    });

    it('shows what a server calls itself, without what could harm a screen', async () => {
      const info = { name: 'evil\u001b[2J\r\nname', version: '1' };
      const peer = { era: 'legacy', revision: '2025-06-18', capabilities: {}, info, instructions: undefined } as const;
      engine.groups = [groupView('crm', serverView('a', { peer, breaker: { kind: 'open', until: 1_500 } }))];
      await start();

      expect((await get('upstreams/a/status')).body).toMatchObject({
        era: 'legacy',
        revision: '2025-06-18',
        implementation: 'evil [2J name 1',
        breaker: 'open',
        breaker_retry_seconds: 1.5,
      });
    });
  });

  describe('GET /api/v1/upstreams/{id}/status', () => {
    it('takes the id of a server: that of the first group where several have one', async () => {
      await start();

      expect((await get('upstreams/a/status')).body).toMatchObject({ id: 'a', group: 'crm' });
    });

    it('takes group/server, encoded', async () => {
      await start();

      expect((await get('upstreams/docs%2Fa/status')).body).toMatchObject({ id: 'a', group: 'docs' });
    });

    it('takes the name of a group', async () => {
      await start();

      expect((await get('upstreams/docs/status')).body).toMatchObject({ name: 'docs', servers: [{ id: 'a' }] });
    });

    it.each(['nope', 'docs%2Fb', '__proto__', '%00'])('answers 404 for %s', async (name) => {
      await start();

      expect(await get(`upstreams/${name}/status`)).toMatchObject({
        status: 404,
        body: { error: { code: 'upstream_unknown', message: expect.any(String) } },
      });
    });
  });

  describe('connections', () => {
    it('are listed with what is known of them', async () => {
      await start();
      engine.connections.push(connection('c-1'));

      expect((await get('connections')).body).toEqual({
        connections: [
          {
            id: 'c-1',
            transport: 'websocket',
            route: 'mcp',
            client_address: '127.0.0.1',
            era: null,
            revision: null,
            client: 'a client',
            principal: 'anonymous',
            opened_at: '2026-01-01T00:00:00.000Z',
            pending: 0,
            requests: 4,
          },
        ],
      });
    });

    it('are closed by id, once', async () => {
      await start();
      engine.connections.push(connection('c-1'));
      const close = () => fetch(`${origin}/api/v1/connections/c-1`, { method: 'DELETE' });

      expect((await close()).status).toBe(204);
      expect(engine.connections).toHaveLength(0);
      const again = await close();
      expect(again.status).toBe(404);
      expect(await again.json()).toMatchObject({ error: { code: 'connection_unknown' } });
    });
  });

  describe('exists', () => {
    it('only while it is enabled', async () => {
      await start({ toml: '[admin]\nenabled = false\n' });

      expect(await get('status')).toMatchObject({ status: 404, body: { error: { code: 'route_unknown' } } });
    });

    it('only while the main port is bound to loopback, even for who comes from there', async () => {
      await start({ host: '0.0.0.0' });

      for (const path of ['status', 'upstreams', 'connections', 'openapi.json']) {
        expect((await get(path)).status).toBe(404);
      }
      expect((await fetch(`${origin}/api/v1/connections/c-1`, { method: 'DELETE' })).status).toBe(404);
    });
  });

  describe('refuses', () => {
    it('what the gate refuses, before anything else is done', async () => {
      const gate: AdminGate = ({ headers }) =>
        headers.origin === 'https://evil.example'
          ? new GatewayError('origin_refused', 'origin not allowed')
          : undefined;
      await start({ gate });
      engine.connections.push(connection('c-1'));

      const { statusCode, body } = await request(`${origin}/api/v1/connections/c-1`, {
        method: 'DELETE',
        headers: { origin: 'https://evil.example' },
      });

      expect(statusCode).toBe(403);
      expect(await body.json()).toEqual({ error: { code: 'origin_refused', message: 'origin not allowed' } });
      expect(engine.connections).toHaveLength(1);
    });

    it.each(['POST', 'PUT', 'PATCH', 'OPTIONS'])('%s, which no resource has', async (method) => {
      await start();

      expect((await fetch(`${origin}/api/v1/status`, { method })).status).toBe(404);
    });

    it('a path that is not well encoded, without a stack', async () => {
      await start();
      const response = await fetch(`${origin}/api/v1/upstreams/%E0%A4%A/status`);

      expect(response.status).toBe(400);
      expect(await response.text()).not.toMatch(/node_modules| at |\.[jt]s/);
    });
  });

  it('tells nobody what went wrong inside', async () => {
    await start();
    vi.spyOn(engine.connections, 'map').mockImplementation(() => {
      throw new Error('secret of /etc/gateway');
    });

    expect(await get('connections')).toMatchObject({
      status: 500,
      body: { error: { code: 'gateway_fault', message: 'internal error' } },
    });
  });

  it('says what Nest refuses in its own words', async () => {
    await start();
    vi.spyOn(engine.connections, 'map').mockImplementation(() => {
      throw new NotFoundException('Cannot GET /secret/path');
    });

    expect((await get('connections')).body).toEqual({
      error: { code: 'protocol_malformed', message: 'malformed request' },
    });
  });

  describe('describes itself', () => {
    interface Operation {
      readonly responses: Record<string, { description?: string }>;
      readonly summary?: string;
    }
    interface Description {
      readonly openapi: string;
      readonly info: { title: string; version: string };
      readonly paths: Record<string, Record<string, Operation>>;
    }

    it('with every route that it has', async () => {
      await start();
      const { openapi, info, paths } = (await get('openapi.json')).body as Description;
      const described = Object.entries(paths).flatMap(([path, operations]) =>
        Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
      );

      expect(openapi).toBe('3.1.0');
      expect(info).toMatchObject({ title: 'test-gateway: admin API', version: '1.2.3' });
      expect(described.toSorted()).toEqual(routesOf(AdminModule).toSorted());
      expect(described.length).toBeGreaterThanOrEqual(6);
    });

    it('with a description of every response and every property', async () => {
      await start();
      const { paths, components } = (await get('openapi.json')).body as Description & {
        components: { schemas: Record<string, { properties: Record<string, { description?: string }> }> };
      };
      for (const operation of Object.values(paths).flatMap((operations) => Object.values(operations))) {
        expect(operation.summary).toBeTruthy();
        expect(Object.keys(operation.responses)).toContain('403');
        for (const response of Object.values(operation.responses)) expect(response.description).toBeTruthy();
      }
      for (const schema of Object.values(components.schemas)) {
        for (const property of Object.values(schema.properties)) expect(property.description).toBeTruthy();
      }
    });
  });
});

function connection(id: string) {
  return {
    id,
    transport: 'websocket',
    route: 'mcp',
    clientAddress: '127.0.0.1',
    era: undefined,
    revision: undefined,
    client: 'a\nclient',
    principal: 'anonymous',
    openedAt: Date.UTC(2026, 0, 1),
    pending: 0,
    requests: 4,
  } as const;
}

/** Every route of a module's controllers, as `GET /path/{parameter}`. */
function routesOf(module: Type): string[] {
  const controllers = Reflect.getMetadata('controllers', module) as Type[];
  // What nobody else has is not described.
  const described = controllers.filter((controller) => controller.name !== 'UnknownController');
  return described.flatMap((controller) =>
    Object.getOwnPropertyNames(controller.prototype)
      .map((name) => (controller.prototype as Record<string, object>)[name]!)
      .filter((handler) => Reflect.hasMetadata(METHOD_METADATA, handler))
      .map((handler) => {
        const base = String(Reflect.getMetadata(PATH_METADATA, controller));
        const path = String(Reflect.getMetadata(PATH_METADATA, handler));
        const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
        return `${method} /${base}${path === '/' ? '' : `/${path}`}`.replaceAll(/:(\w+)/g, '{$1}');
      }),
  );
}
