import type { INestApplication } from '@nestjs/common';
import { request } from 'undici';

import { type AdminAppOptions, startAdminApp } from '../../test/support/admin-app.js';
import { FakeEngine } from '../../test/support/surfaces.js';
import { digestOf } from '../auth/index.js';
import { AdminListener } from './index.js';

describe('the admin API', () => {
  let engine: FakeEngine;
  let app: INestApplication;
  let origin: string;

  beforeEach(() => {
    engine = new FakeEngine();
  });

  afterEach(() => app.close());

  async function start(options: AdminAppOptions): Promise<void> {
    ({ app, origin } = await startAdminApp(engine, options));
  }

  describe('with credentials of its own', () => {
    const keys = ['viewer', 'operator', 'admin'].map(
      (role) =>
        `[[admin.api_keys]]\nname = "${role}-key"\nsha256 = "${digestOf(`${role}-${'k'.repeat(32)}`)}"\nrole = "${role}"\n`,
    );
    const dataKey = `[security.auth]\nenabled = true\n[[security.auth.api_keys]]\nname = "client"\nsha256 = "${digestOf('c'.repeat(40))}"\nroles = ["admin"]\n`;

    async function as(role: string | undefined, path: string, method = 'GET', more: Record<string, string> = {}) {
      const headers = { ...(role === undefined ? {} : { 'x-api-key': `${role}-${'k'.repeat(32)}` }), ...more };
      const {
        statusCode,
        headers: answered,
        body,
      } = await request(`${origin}${path}`, { method: method as 'GET', headers });
      return { status: statusCode, headers: answered, text: await body.text() };
    }

    beforeEach(() => start({ toml: keys.join('') + dataKey, host: '0.0.0.0' }));

    it('lets in who has one, also where others can reach it, and tells them who they are', async () => {
      const { status, text } = await as('operator', '/api/v1/whoami');

      expect(status).toBe(200);
      expect(JSON.parse(text)).toEqual({
        method: 'api_key',
        subject: 'operator-key',
        role: 'operator',
        expires_at: null,
      });
    });

    it.each([
      ['viewer', 'GET', '/api/v1/status', 200],
      ['viewer', 'HEAD', '/api/v1/status', 200],
      ['viewer', 'GET', '/API/V1/Status/', 200],
      ['viewer', 'DELETE', '/api/v1/connections/c-1', 403],
      ['viewer', 'POST', '/api/v1/config/reload', 403],
      ['operator', 'POST', '/api/v1/config/reload', 403],
      ['operator', 'DELETE', '/api/v1/connections/c-1', 404],
      ['admin', 'POST', '/api/v1/config/reload', 200],
      ['admin', 'GET', '/api/v1/nothing', 404],
      ['admin', 'GET', '/api/v2', 404],
      ['viewer', 'OPTIONS', '/api/v1/status', 404],
      ['viewer', 'GET', '/api/v1/status?token=x', 400],
    ])('%s: %s %s is %i', async (role, method, path, status) => {
      expect((await as(role, path, method)).status).toBe(status);
    });

    it.each([
      ['GET', '/api/v1/status'],
      ['HEAD', '/api/v1/status'],
      ['OPTIONS', '/api/v1/status'],
      ['OPTIONS', '/api/v1/connections/c-1'],
      ['GET', '/API/v1/STATUS'],
      ['GET', '/api/v1/status/'],
      ['GET', '/api/v1/s%74atus'],
      ['GET', '/api/v1/./status'],
      ['GET', '/api/v1/x/../status'],
      ['GET', '/api/v1//status'],
      ['GET', '/api/v1/nothing'],
      ['GET', '/api'],
      ['GET', '/api/'],
      ['PROPFIND', '/api/v1/status'],
      ['DELETE', '/api/v1/connections/c-1'],
      ['POST', '/api/v1/config/reload'],
      ['GET', '/api/v1/openapi.json'],
    ])('%s %s is 401 for who shows none', async (method, path) => {
      engine.connections.push(connection('c-1'));
      const { status, headers, text } = await as(undefined, path, method);

      expect(status).toBe(401);
      expect(headers['www-authenticate']).toContain('ApiKey realm=');
      if (method !== 'HEAD') expect(JSON.parse(text)).toMatchObject({ error: { code: 'auth_required' } });
      expect(engine.connections).toHaveLength(1);
    });

    it.each([['//api/v1/status'], ['/%61pi/v1/status'], ['/x/../api/v1/status']])(
      'shows nothing at %s',
      async (path) => {
        const { status, text } = await as(undefined, path);

        expect([401, 404]).toContain(status);
        expect(text).not.toContain('uptime');
      },
    );

    it('takes no credential of clients, wherever it is shown', async () => {
      for (const headers of [
        { 'x-api-key': 'c'.repeat(40) },
        { authorization: `Bearer ${'c'.repeat(40)}` },
        { cookie: `x-api-key=admin-${'k'.repeat(32)}` },
        { 'x-forwarded-user': 'admin', 'x-real-ip': '127.0.0.1' },
      ]) {
        expect((await as(undefined, '/api/v1/status', 'GET', headers)).status).toBe(401);
      }
    });

    it('takes no method but the one of the request, and no form of a page', async () => {
      engine.connections.push(connection('c-1'));
      const override = { 'x-http-method-override': 'DELETE', 'x-http-method': 'DELETE' };
      expect((await as('admin', '/api/v1/connections/c-1', 'POST', override)).status).toBe(404);
      expect(engine.connections).toHaveLength(1);
      expect((await as('admin', '/api/v1/config/reload', 'POST', { 'content-type': 'text/plain' })).status).toBe(415);
    });

    it('announces what somebody did, and what they were not let do', async () => {
      const acted = vi.fn();
      engine.events.on('admin.acted', acted);
      await as('viewer', '/api/v1/connections/c-1', 'DELETE');
      await as('operator', '/api/v1/connections/c-1', 'DELETE');
      await as('viewer', '/api/v1/status');
      await vi.waitFor(() => expect(acted).toHaveBeenCalledTimes(3));

      const [refused, unknown, read] = acted.mock.calls.map(([act]) => act as object);
      const act = { action: 'DELETE /api/v1/connections/:id', object: 'c-1', writes: true, clientAddress: '127.0.0.1' };
      expect(refused).toMatchObject({ ...act, status: 403, principal: { subject: 'viewer-key' } });
      expect(unknown).toMatchObject({ ...act, status: 404, principal: { subject: 'operator-key' } });
      expect(read).toMatchObject({ action: 'GET /api/v1/status', status: 200, writes: false });
    });

    it('holds up who guesses, and nobody who knows', async () => {
      const tries = [];
      for (let index = 0; index < 14; index++) tries.push(await as(`guess${index}`, '/api/v1/status'));

      expect(tries.filter(({ status }) => status === 401)).toHaveLength(10);
      expect(tries.at(-1)).toMatchObject({ status: 429, headers: { 'retry-after': expect.any(String) } });
      expect((await as('viewer', '/api/v1/status')).status).toBe(200);
    });

    it('shows the configuration without a secret', async () => {
      const { status, text } = await as('viewer', '/api/v1/config');

      expect(status).toBe(200);
      expect(JSON.parse(text)).toMatchObject({ admin: { enabled: true, api_keys: [{ name: 'viewer-key' }, {}, {}] } });
      expect(text).not.toContain('kkkk');
    });
  });

  describe('on a port of its own', () => {
    it('is there alone', async () => {
      await start({ toml: '[admin]\nport = 0\n' });
      await app.get(AdminListener).start();
      const { url } = app.get(AdminListener);

      expect((await fetch(`${origin}/api/v1/status`)).status).toBe(404);
      expect((await fetch(url!)).status).toBe(200);
      expect((await fetch(new URL('/api/v1/whoami', url))).status).toBe(200);
    });
  });

  describe('without credentials', () => {
    beforeEach(() => start({}));

    it.each([
      ['x-forwarded-for', '198.51.100.7'],
      ['forwarded', 'for=198.51.100.7'],
      ['x-real-ip', '198.51.100.7'],
      ['x-forwarded-host', 'gateway.example.com'],
      ['via', '1.1 edge'],
    ])('is not there for whom a proxy on this machine speaks: %s', async (name, value) => {
      const ask = async (headers: Record<string, string>) => {
        const { statusCode, body } = await request(`${origin}/api/v1/config`, { headers });
        await body.dump();
        return statusCode;
      };
      expect([await ask({}), await ask({ [name]: value })]).toEqual([200, 404]);
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
