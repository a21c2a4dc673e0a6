import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { PinoLogger } from 'nestjs-pino';
import type { Logger } from 'pino';

import { configured, FakeEngine, finished } from '../../test/support/surfaces.js';
import { ConfigService, TextSource } from '../config/index.js';
import {
  FrameworkLogger,
  LOGGING_OPTIONS,
  LoggingModule,
  type LoggingOptions,
  LoggingSection,
  ROOT_LOGGER,
} from './index.js';
import { formOf, LogStream } from './log-stream.js';

type Line = Record<string, unknown>;

describe('the log', () => {
  let engine: FakeEngine;
  let app: INestApplication | undefined;
  let written: string[];

  beforeEach(() => {
    engine = new FakeEngine();
    written = [];
  });

  afterEach(() => app?.close());

  async function start(toml = '[logging]\nstructured = true\n', options: LoggingOptions = {}): Promise<void> {
    const stream = new LogStream({ write: (line) => written.push(line) });
    const built = await Test.createTestingModule({
      imports: [
        engine.module({ provide: LOGGING_OPTIONS, useValue: options }),
        await configured(toml, LoggingSection),
        LoggingModule,
      ],
    })
      .overrideProvider(LogStream)
      .useValue(stream)
      .compile();
    app = built.createNestApplication({ logger: false });
  }

  const lines = () => written.map((line) => JSON.parse(line) as Line);
  const root = () => app!.get<Logger>(ROOT_LOGGER, { strict: false });

  it('says nothing where the command line wants it silent, whatever the configuration becomes', async () => {
    await start('[logging]\nlevel = "info"\n', { level: 'silent' });
    const said = (): void => {
      root().fatal('the end');
      engine.events.emit('exchange.finished', finished({}));
    };
    said();
    expect((await app!.get(ConfigService).apply(new TextSource('[logging]\nlevel = "debug"\n'))).kind).toBe('applied');
    said();
    expect(written).toEqual([]);
  });

  describe('of an exchange', () => {
    it('is one line with who, what, where, how long and how it ended', async () => {
      await start();
      const target = { group: 'crm', name: 'find_customer' };
      engine.events.emit('exchange.finished', finished({ target, server: { group: 'crm', server: 'a' } }));

      expect(lines()).toEqual([
        {
          level: 'info',
          time: expect.stringMatching(/^\d{4}-.*Z$/),
          pid: process.pid,
          request_id: 'x-1',
          method: 'tools/call',
          tool: 'find_customer',
          route: 'mcp',
          upstream_group: 'crm',
          upstream_server: 'crm/a',
          status: 200,
          latency: 12.346,
          client_name: 'test',
          client_revision: '2025-11-25',
          msg: 'exchange',
        },
      ]);
    });

    it('warns when it is not the fault of the client, and names the reason', async () => {
      await start();
      engine.events.emit('exchange.finished', finished({}, { status: 504, reason: 'upstream_timeout' }));
      engine.events.emit('exchange.finished', finished({}, { status: 404, reason: 'target_unknown' }));

      expect(lines()).toMatchObject([
        { level: 'warn', status: 504, reason: 'upstream_timeout' },
        { level: 'info', status: 404, reason: 'target_unknown' },
      ]);
    });

    it('holds no session and no URI of a resource', async () => {
      await start();
      const target = { group: 'crm', name: 'file:///secret?token=hunter2' };
      engine.events.emit('exchange.finished', finished({ method: 'resources/read', target }));

      expect(written.join('')).not.toMatch(/hunter2|secret/);
    });

    it('cannot be broken up, coloured or swollen by a name that the client chose', async () => {
      await start();
      const evil = '\r\n{"level":"fatal"}\u001b[31m\u202e';
      const peer = {
        era: 'legacy',
        revision: evil,
        capabilities: {},
        info: { name: evil + 'x'.repeat(5_000), version: '' },
      } as const;
      const target = { group: 'crm', name: evil };
      engine.events.emit('exchange.finished', finished({ method: evil, peer }));
      engine.events.emit('exchange.finished', finished({ peer, target }));

      expect(written).toHaveLength(2);
      for (const line of written) {
        expect(line.indexOf('\n')).toBe(line.length - 1);
        for (const part of ['\\r', '\\n', '\\u001b', '\u001b', '\u202e']) expect(line).not.toContain(part);
        expect(line.length).toBeLessThan(1_000);
      }
    });

    it('keeps its place among the other lines', async () => {
      await start();
      root().info('before');
      engine.events.emit('exchange.finished', finished());
      root().info('after');

      expect(lines().map(({ msg }) => msg)).toEqual(['before', 'exchange', 'after']);
    });

    it('is readable where lines are', async () => {
      await start('', { readable: true });
      engine.events.emit('exchange.finished', finished({ target: { group: 'crm', name: 'find_customer' } }));

      expect(written).toHaveLength(1);
      expect(written[0]).toMatch(/INFO.*exchange.*find_customer/);
    });

    it('goes by a level that changes while it runs', async () => {
      await start();
      const config = app!.get(ConfigService);
      const level = (name: string) => config.apply(new TextSource(`[logging]\nstructured = true\nlevel = "${name}"\n`));
      const emit = (status: number): void => engine.events.emit('exchange.finished', finished({}, { status }));

      await level('warn');
      emit(200);
      emit(504);
      await level('error');
      emit(504);
      await level('info');
      emit(200);
      const exchanges = lines().filter(({ msg }) => msg === 'exchange');
      expect(exchanges.map(({ level: said, status }) => [said, status])).toEqual([
        ['warn', 504],
        ['info', 200],
      ]);
    });

    it('is not even put together while nobody wants it', async () => {
      await start('[logging]\nstructured = true\nlevel = "error"\n');
      const { exchange, outcome } = finished();
      engine.events.emit('exchange.finished', {
        exchange: Object.defineProperty(exchange, 'peer', { get: () => expect.unreachable() }),
        outcome,
      });

      expect(written).toEqual([]);
    });
  });

  describe('of what changes', () => {
    const ref = { group: 'crm', server: 'a' };

    it('tells servers and breakers, at the level they deserve', async () => {
      await start();
      const { events } = engine;
      events.emit('server.changed', { ...ref, state: { kind: 'connecting', since: 0 } });
      events.emit('server.changed', { ...ref, state: { kind: 'up', since: 0 } });
      events.emit('server.changed', { ...ref, state: { kind: 'down', since: 0, reason: 'refused\n' } });
      events.emit('server.changed', { ...ref, state: { kind: 'draining', since: 0 } });
      events.emit('breaker.changed', { ...ref, state: { kind: 'open', until: 1 } });
      events.emit('breaker.changed', { ...ref, state: { kind: 'closed' } });
      events.emit('server.retired', ref);

      expect(lines().map(({ level, msg }) => `${String(level)} ${String(msg)}`)).toEqual([
        'info server up',
        'warn server down',
        'info server draining',
        'warn breaker open',
        'info breaker closed',
        'info server retired',
      ]);
      expect(lines()[1]).toMatchObject({ upstream_group: 'crm', upstream_server: 'crm/a', reason: 'refused ' });
    });

    it('tells each problem of a refused configuration with its place', async () => {
      await start();
      const problem = { file: 'gateway.toml', line: 12, column: 1, key: 'server.port', message: 'must be a number' };
      engine.events.emit('config.rejected', {
        problems: [problem, { ...problem, line: undefined, column: undefined }],
      });

      expect(lines()).toMatchObject([
        {
          level: 'error',
          key: 'server.port',
          line: 12,
          msg: 'configuration rejected: gateway.toml:12:1: server.port: must be a number',
        },
        { msg: 'configuration rejected: gateway.toml: server.port: must be a number' },
      ]);
    });
  });

  describe('level and form', () => {
    it('follow the configuration while it runs', async () => {
      await start();
      root().debug('unwanted');
      await app!
        .get(ConfigService, { strict: false })
        .apply(new TextSource('[logging]\nlevel = "debug"\nstructured = false'));
      written.length = 0;
      root().debug({ some: 'field' }, 'wanted');

      expect(PinoLogger.root.level).toBe('debug');
      expect(written).toHaveLength(1);
      expect(written[0]).toMatch(/^\[\d\d:\d\d:\d\d\.\d+\] DEBUG: wanted \{"some":"field"\}\n$/);
    });

    it('follow the command line first', async () => {
      await start('[logging]\nlevel = "error"\nstructured = true\n', { level: 'trace', readable: true });
      root().trace('wanted');

      expect(written[0]).toMatch(/TRACE: wanted\n$/);
    });

    it.each([
      { structured: undefined, isTerminal: false, readable: false, form: 'json' },
      { structured: undefined, isTerminal: true, readable: false, form: 'readable' },
      { structured: true, isTerminal: true, readable: false, form: 'json' },
      { structured: false, isTerminal: false, readable: false, form: 'readable' },
      { structured: true, isTerminal: false, readable: true, form: 'readable' },
    ])('are $form where %o', ({ structured, isTerminal, readable, form }) => {
      expect(formOf({ level: 'info', structured }, { readable }, isTerminal)).toBe(form);
    });
  });

  it('hides headers that hold a secret, wherever headers may stand', async () => {
    await start();
    const headers = { authorization: 'hunter2', Cookie: 1, cookie: 'hunter2', 'x-api-key': 'hunter2', host: 'h' };
    root().info({ headers, req: { headers }, res: { headers: { 'set-cookie': 'hunter2' } } }, 'in a hurry');

    expect(written[0]).not.toContain('hunter2');
    expect(lines()[0]).toMatchObject({ headers: { 'x-api-key': '[redacted]', host: 'h' } });
  });

  it('takes what Nest says: progress at debug, the rest as it is', async () => {
    await start('[logging]\nstructured = true\nlevel = "debug"\n');
    const framework = app!.get(FrameworkLogger, { strict: false });
    framework.log('mapped', 'RouterExplorer');
    framework.log('hello', 'Somebody');
    framework.error(new Error('boom'), undefined, 'Somebody');
    framework.error('boom', 'Error: boom\n    at x', 'Somebody');

    expect(lines()).toMatchObject([
      { level: 'debug', msg: 'mapped', context: 'RouterExplorer' },
      { level: 'info', msg: 'hello', context: 'Somebody' },
      { level: 'error', err: { message: 'boom' } },
      { level: 'error', msg: 'boom', stack: 'Error: boom\n    at x' },
    ]);
  });
});
