import type { INestApplication } from '@nestjs/common';
import { request } from 'undici';

import { startAdminApp } from '../../test/support/admin-app.js';
import { FakeEngine } from '../../test/support/surfaces.js';
import { SHARED_RATES } from '../storage/index.js';

describe('the admin API, asked too often', () => {
  let engine: FakeEngine;
  let app: INestApplication;
  let origin: string;

  beforeEach(async () => {
    engine = new FakeEngine();
    ({ app, origin } = await startAdminApp(engine, { toml: '[admin]\nrequests_per_minute = 4' }));
  });

  afterEach(() => app.close());

  async function ask(path = 'status') {
    const { statusCode, headers, body } = await request(`${origin}/api/v1/${path}`);
    return { status: statusCode, headers, json: await body.json() };
  }

  it('tells on each answer how much is left, and refuses with standard headers what is too much', async () => {
    const first = await ask();
    expect(first).toMatchObject({
      status: 200,
      headers: {
        'ratelimit-policy': '"client";q=4;w=60, "global";q=40;w=60',
        ratelimit: '"client";r=3;t=15, "global";r=39;t=2',
      },
    });
    expect(Object.keys(first.headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
    for (let time = 0; time < 3; time++) expect((await ask()).status).toBe(200);
    expect(await ask()).toMatchObject({
      status: 429,
      headers: { 'retry-after': '15', 'ratelimit-policy': '"client";q=4;w=60', ratelimit: '"client";r=0;t=15' },
      json: { error: { code: 'limit_rate', message: 'too many requests' } },
    });
  });

  it('has one budget for all that it can be asked', async () => {
    for (const path of ['status', 'upstreams', 'connections', 'openapi.json'])
      expect((await ask(path)).status).toBe(200);
    expect((await ask('upstreams')).status).toBe(429);
  });

  it('lets the client in again when it is time', async () => {
    for (let time = 0; time < 5; time++) await ask();
    engine.clock.advance(15_000);
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(429);
  });

  it('takes nothing of what all clients have for one that is held up', async () => {
    for (let time = 0; time < 60; time++) await ask();
    const rates = app.get<{ take(key: string, rate: object): { allowed: boolean } }>(SHARED_RATES, { strict: false });
    const rate = { count: 40, periodMs: 60_000, burst: 40 };
    const left = Array.from({ length: 40 }, () => rates.take('rate:admin:global', rate).allowed);
    expect(left.filter(Boolean)).toHaveLength(36);
  });
});
