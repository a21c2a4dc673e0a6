import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';

import { configured, FakeEngine, finished } from '../../test/support/surfaces.js';
import { AUDIT_TRAIL, type AuditTrail } from '../core/audit-trail.js';
import { McpRequest, Params, result } from '../core/message.js';
import { principalOf } from '../core/principal.js';
import { PRODUCT } from '../core/product.js';
import { AuditFilter } from './audit.filter.js';
import { AuditLog } from './audit-log.js';
import { digestOf } from './chain.js';
import { AuditModule, AuditSection, verifyChain } from './index.js';

const SOMEBODY = principalOf({
  method: 'jwt',
  issuer: 'https://id',
  subject: 'ann\u001b[2J\nb',
  tenant: 't',
  roles: ['r'],
});

describe('the audit log', () => {
  let directory: string;
  let file: string;
  let engine: FakeEngine;
  let app: INestApplicationContext;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'mcp-gateway-audit-'));
    file = join(directory, 'audit.jsonl');
    engine = new FakeEngine();
  });

  afterEach(async () => {
    await app?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function start(toml = ''): Promise<void> {
    const product = { name: 'test-gateway', version: '1.2.3', environment: 'test' };
    const built = await Test.createTestingModule({
      imports: [
        engine.module({ provide: PRODUCT, useValue: product }),
        await configured(`[audit]\nenabled = true\nfile = "${file}"\n${toml}`, AuditSection),
        AuditModule,
      ],
    }).compile();
    built.useLogger(false);
    app = built;
    await built.init();
  }

  async function records(): Promise<Record<string, unknown>[]> {
    await app.get(AuditLog).idle();
    expect(await verifyChain([file], undefined)).toMatchObject({ problem: undefined });
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async function of(event: string): Promise<Record<string, unknown>[]> {
    return (await records()).filter((record) => record['event'] === event);
  }

  async function ask(text: string, more: Parameters<typeof finished>[0] = {}): Promise<ReturnType<typeof finished>> {
    const asked = finished({ principal: SOMEBODY, target: { group: 'crm', name: 'delete\u202e' }, ...more });
    const bytes = Buffer.from(`{"name":"x","arguments":${text}}`);
    const params = new Params(bytes, { arguments: [bytes.indexOf('"arguments":') + 12, bytes.length - 1] });
    const filter = await app.resolve(AuditFilter);
    await filter.handle(new McpRequest('tools/call', params), asked.exchange, () => Promise.resolve(result({})));
    return asked;
  }

  it('says when it begins and when it ends', async () => {
    await start();
    await app.close();
    const told = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string });

    expect(told.map(({ event }) => event)).toEqual(['gateway.started', 'gateway.stopped']);
    expect(told[0]).toMatchObject({ seq: 1, time: '2026-01-01T00:00:00.000Z', detail: { version: '1.2.3' } });
  });

  it('tells who was kept from what, with the digest of the arguments and not themselves', async () => {
    await start();
    const { exchange, outcome } = await ask('{ "b": 1, "a": "hunter2" }');
    engine.events.emit('access.denied', { exchange, why: 'hidden' });
    engine.events.emit('exchange.finished', {
      exchange,
      outcome: { ...outcome, status: 404, reason: 'access_denied' },
    });
    const other = await ask('{}');
    engine.events.emit('exchange.finished', other);
    const refused = await ask('[1]');
    engine.events.emit('exchange.finished', {
      ...refused,
      outcome: { ...outcome, status: 400, reason: 'arguments_invalid' },
    });

    expect(await of('access.denied')).toMatchObject([
      {
        principal: { method: 'jwt', issuer: 'https://id', subject: 'ann [2J b', tenant: 't', roles: ['r'] },
        action: 'tools/call',
        object: 'delete ',
        route: 'mcp',
        group: 'crm',
        client_address: '127.0.0.1',
        outcome: 'refused',
        reason: 'hidden',
        request_id: 'x-1',
        arguments_sha256: digestOf('{"a":"hunter2","b":1}'),
      },
    ]);
    expect(await of('exchange.finished')).toMatchObject([{ reason: 'arguments_invalid', latency_ms: 12.346 }]);
    expect(readFileSync(file, 'utf8')).not.toContain('hunter2');
  });

  it('tells everything where it is told to, lists only where it is told that too', async () => {
    await start('data = "all"\narguments = "full"');
    engine.events.emit('exchange.finished', await ask('{ "a": 1.50 }'));
    engine.events.emit('exchange.finished', finished({ method: 'tools/list' }));
    engine.events.emit(
      'exchange.finished',
      await ask('{}', { method: 'resources/read', target: { group: 'g', name: 'https://u:p@h/x?key=hunter2#f' } }),
    );

    expect(await of('exchange.finished')).toMatchObject([
      { outcome: 'ok', status: 200, arguments: '{"a":1.50}', arguments_sha256: digestOf('{"a":1.50}') },
      { action: 'resources/read', object: 'https://h/x' },
    ]);
  });

  it('says nothing of requests where it is not to, and nothing at all while it is off', async () => {
    await start('data = "none"');
    const filter = await app.resolve(AuditFilter);
    engine.events.emit('exchange.finished', finished({}, { status: 403, reason: 'access_denied' }));

    expect(filter.idle).toBe(true);
    expect(await of('exchange.finished')).toEqual([]);
  });

  it('tells a login once for each credential, each that was refused, and floods by samples', async () => {
    await start();
    const login = {
      outcome: 'granted',
      method: 'jwt',
      why: undefined,
      principal: SOMEBODY,
      route: 'mcp',
      clientAddress: '::1',
      requestId: 'r-1',
    } as const;
    for (let count = 0; count < 3; count++) {
      engine.events.emit('auth.decided', login);
      engine.events.emit('auth.decided', { ...login, outcome: 'refused', why: 'expired', principal: undefined });
    }
    for (let count = 0; count < 50; count++) {
      engine.events.emit('auth.decided', { ...login, outcome: 'throttled', principal: undefined });
      engine.events.emit('rate.exceeded', { scope: 'client', route: 'mcp' });
    }
    engine.clock.advance(10_000);
    engine.events.emit('rate.exceeded', { scope: 'client', route: 'mcp' });

    expect((await of('auth.decided')).map(({ outcome, reason }) => [outcome, reason])).toEqual(
      [
        ['ok', undefined],
        ['refused', 'expired'],
        ['refused', 'throttled'],
        ['refused', 'expired'],
        ['refused', 'expired'],
      ].toSorted((a, b) => Number(a[1] === 'throttled') - Number(b[1] === 'throttled')),
    );
    expect(await of('rate.exceeded')).toMatchObject([{ reason: 'client' }, { detail: { untold: 49 } }]);
  });

  it('tells what is done by the admin API: changes, and what was refused', async () => {
    await start();
    const act = {
      principal: SOMEBODY,
      action: 'GET /api/v1/status',
      object: undefined,
      clientAddress: '::1',
      requestId: 'r-1',
      status: 200,
      writes: false,
    };
    engine.events.emit('admin.acted', act);
    engine.events.emit('admin.acted', { ...act, status: 403 });
    engine.events.emit('admin.acted', {
      ...act,
      action: 'DELETE /api/v1/connections/:id',
      object: 'c-1',
      status: 204,
      writes: true,
    });
    engine.events.emit('tool.drifted', { group: 'crm', tool: 'x', change: 'changed', action: 'hide' });
    engine.events.emit('config.rejected', {
      problems: [{ file: 'f', line: 1, column: 1, key: 'a.b', message: 'hunter2' }],
    });

    expect(await of('admin.acted')).toMatchObject([
      { status: 403, outcome: 'refused', request_id: 'r-1' },
      { object: 'c-1', outcome: 'ok', request_id: 'r-1' },
    ]);
    expect(await of('tool.drifted')).toMatchObject([{ object: 'x', group: 'crm', detail: { action: 'hide' } }]);
    expect(await of('config.rejected')).toMatchObject([{ detail: { keys: ['a.b'] } }]);
    expect(readFileSync(file, 'utf8')).not.toContain('hunter2');
  });

  it('takes a thousand at once in their order, and counts what is more than may wait', async () => {
    await start('max_queue = 1000\ndata = "all"\nfsync = "always"');
    await records();
    const failed = vi.fn();
    engine.events.on('audit.failed', failed);
    for (let index = 0; index < 1_200; index++) engine.events.emit('exchange.finished', finished({ id: `x-${index}` }));
    const told = await of('exchange.finished');

    expect(told.map((record) => record['request_id'])).toEqual(
      Array.from({ length: 1_000 }, (_, index) => `x-${index}`),
    );
    expect(await of('audit.lost')).toMatchObject([{ detail: { records: 200 } }]);
    expect(failed).toHaveBeenCalledTimes(200);
    expect(failed).toHaveBeenCalledWith({ why: 'overflow', lost: 1 });
  });

  describe('that cannot be written', () => {
    const trail = (): AuditTrail => app.get<AuditTrail>(AUDIT_TRAIL);

    it('lets everything go on, and catches up', async () => {
      mkdirSync(file);
      const failed = vi.fn();
      engine.events.on('audit.failed', failed);
      await start();

      expect(trail().refusal()).toBeUndefined();
      expect(failed).toHaveBeenCalledWith({ why: 'EISDIR', lost: 0 });
      rmSync(file, { recursive: true });
      engine.clock.advance(1_000);
      expect(await of('gateway.started')).toHaveLength(1);
    });

    it('lets the gateway not start where nothing may go on unrecorded', async () => {
      mkdirSync(file);

      await expect(start('on_failure = "refuse"')).rejects.toMatchObject({ code: 'config_invalid' });
    });

    it('holds up what would go on unrecorded until it can be written again', async () => {
      await start('on_failure = "refuse"\ndata = "all"');
      await records();
      rmSync(file);
      mkdirSync(file);
      expect(trail().refusal()).toBeUndefined();
      engine.events.emit('exchange.finished', finished());
      await app.get(AuditLog).idle();

      expect(trail().refusal()).toMatchObject({ code: 'audit_unavailable' });
      await expect(ask('{}')).rejects.toMatchObject({ code: 'audit_unavailable' });
      rmSync(file, { recursive: true });
      engine.clock.advance(1_000);
      expect((await records()).map(({ event }) => event)).toEqual(['audit.continued', 'exchange.finished']);
      expect(trail().refusal()).toBeUndefined();
    });
  });
});
