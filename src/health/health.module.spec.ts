import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';

import { FakeEngine, groupView, serverView } from '../../test/support/surfaces.js';
import { HealthModule } from './index.js';

const CONNECTING = { kind: 'connecting', since: 0 } as const;
const DOWN = { kind: 'down', since: 0, reason: 'connect ECONNREFUSED 10.1.2.3:99' } as const;

describe('the health endpoints', () => {
  let engine: FakeEngine;
  let app: INestApplication;
  let origin: string;

  beforeEach(async () => {
    engine = new FakeEngine();
    const built = await Test.createTestingModule({ imports: [engine.module(), HealthModule] }).compile();
    app = built.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    origin = await app.getUrl();
  });

  afterEach(() => app.close());

  const get = async (path: string) => {
    const response = await fetch(origin + path);
    return { status: response.status, body: (await response.json()) as Record<string, unknown>, response };
  };

  describe('/health', () => {
    it('is ok while every server is up', async () => {
      engine.groups = [groupView('crm', serverView('a'), serverView('b'))];

      expect(await get('/health')).toMatchObject({
        status: 200,
        body: {
          status: 'ok',
          details: { upstreams: { groups: { crm: { servers: 2, servers_up: 2, breakers_open: 0 } } } },
        },
      });
    });

    it('is degraded, and still 200, while something can serve and something cannot', async () => {
      engine.groups = [groupView('crm', serverView('a')), groupView('docs', serverView('a', { state: DOWN }))];
      expect(await get('/health')).toMatchObject({ status: 200, body: { status: 'degraded' } });

      engine.groups = [groupView('crm', serverView('a', { breaker: { kind: 'open', until: 9 } }), serverView('b'))];
      expect(await get('/health')).toMatchObject({
        status: 200,
        body: { status: 'degraded', details: { upstreams: { groups: { crm: { breakers_open: 1 } } } } },
      });
    });

    it('is 503 when no server of any group is up', async () => {
      engine.groups = [groupView('crm', serverView('a', { state: DOWN }), serverView('b', { state: CONNECTING }))];

      expect(await get('/health')).toMatchObject({ status: 503, body: { status: 'error' } });
    });

    it('is 503 while draining', async () => {
      engine.groups = [groupView('crm', serverView('a'))];
      engine.lifecycle.draining = true;

      expect(await get('/health')).toMatchObject({ status: 503 });
    });

    it('tells counts only: no address, no id, no reason', async () => {
      const address = 'https://inner.example/mcp';
      engine.groups = [groupView('crm', serverView('server-id', { address, state: DOWN }), serverView('b'))];
      engine.connections.push({ id: 'session-id' } as never);

      const said = JSON.stringify((await get('/health')).body);

      for (const secret of ['server-id', 'inner.example', '10.1.2.3', 'session-id']) expect(said).not.toContain(secret);
    });

    it('is never answered from a cache', async () => {
      expect((await get('/health')).response.headers.get('cache-control')).toContain('no-store');
      engine.lifecycle.draining = true;
      expect((await get('/health')).response.headers.get('cache-control')).toContain('no-store');
    });
  });

  describe('/readiness', () => {
    it('waits for the first configuration', async () => {
      engine.topology.generation = 0;
      expect((await get('/readiness')).status).toBe(503);

      engine.topology.generation = 1;
      expect((await get('/readiness')).status).toBe(200);
    });

    it('waits until each group has a server up or has tried all of them', async () => {
      const crm = groupView('crm', serverView('a'), serverView('b', { state: CONNECTING }));
      engine.groups = [
        crm,
        groupView('docs', serverView('a', { state: DOWN }), serverView('b', { state: CONNECTING })),
      ];
      expect((await get('/readiness')).status).toBe(503);

      engine.groups = [crm, groupView('docs', serverView('a', { state: DOWN }), serverView('b', { state: DOWN }))];
      expect((await get('/readiness')).status).toBe(200);
    });

    it('waits no longer than ten seconds', async () => {
      engine.groups = [groupView('crm', serverView('a', { state: CONNECTING }))];
      engine.clock.advance(9_999);
      expect((await get('/readiness')).status).toBe(503);

      engine.clock.advance(1);
      expect((await get('/readiness')).status).toBe(200);
    });

    it('stays when a group dies later, and goes when the gateway drains', async () => {
      engine.groups = [groupView('crm', serverView('a'))];
      expect((await get('/readiness')).status).toBe(200);

      engine.groups = [groupView('crm', serverView('a', { state: CONNECTING }))];
      expect((await get('/readiness')).status).toBe(200);

      engine.lifecycle.draining = true;
      expect((await get('/readiness')).status).toBe(503);
    });
  });

  describe('/liveness', () => {
    it('is 200 whatever the upstreams do, and while draining', async () => {
      engine.groups = [groupView('crm', serverView('a', { state: DOWN }))];
      engine.lifecycle.draining = true;

      expect((await get('/liveness')).status).toBe(200);
    });

    it('is 503 while the event loop is seconds late', async () => {
      vi.spyOn(engine.clock, 'now').mockReturnValue(60_000);
      expect((await get('/liveness')).status).toBe(503);

      vi.restoreAllMocks();
      expect((await get('/liveness')).status).toBe(200);
    });
  });
});
