import { Controller, Get, HttpException, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';

import { configured, FakeEngine } from '../../test/support/surfaces.js';
import { Events } from '../core/events.js';
import { logEventFault, LoggingModule, LoggingSection } from './index.js';
import { LogStream } from './log-stream.js';

@Controller()
class SomeController {
  @Get(['api/v1/some', 'health', 'readiness', 'liveness'])
  get(): string {
    return 'ok';
  }

  @Get('broken')
  broken(): never {
    throw new HttpException('no', 503);
  }
}

// One application for all: nestjs-pino keeps its logger for the process.
describe('the log of requests that Express serves', () => {
  const written: string[] = [];
  let app: INestApplication;
  let origin: string;

  beforeAll(async () => {
    const toml = '[logging]\nstructured = true\n';
    const built = await Test.createTestingModule({
      imports: [new FakeEngine().module(), await configured(toml, LoggingSection), LoggingModule],
      controllers: [SomeController],
    })
      .overrideProvider(LogStream)
      .useValue(new LogStream({ write: (line) => written.push(line) }))
      .compile();
    app = built.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    origin = await app.getUrl();
  });

  beforeEach(() => {
    written.length = 0;
  });

  afterAll(() => app.close());

  const lines = () => written.map((line) => JSON.parse(line) as Record<string, unknown>);

  it('is one line each, without query and headers', async () => {
    const response = await fetch(`${origin}/api/v1/some?key=hunter2`, { headers: { 'x-api-key': 'hunter2' } });

    expect(lines()).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        pid: process.pid,
        request_id: response.headers.get('x-request-id'),
        method: 'GET',
        path: '/api/v1/some',
        status: 200,
        latency: expect.any(Number),
        msg: 'http',
      },
    ]);
  });

  it('keeps the id that the caller gave, and tells it back', async () => {
    const response = await fetch(`${origin}/api/v1/some`, { headers: { 'x-request-id': 'trace-me.1' } });

    expect(response.headers.get('x-request-id')).toBe('trace-me.1');
    expect(lines()).toMatchObject([{ request_id: 'trace-me.1' }]);
  });

  it.each(['with space', 'x'.repeat(129), '{"level":"fatal"}'])('makes one up instead of %j', async (given) => {
    const response = await fetch(`${origin}/api/v1/some`, { headers: { 'x-request-id': given } });

    expect(response.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
  });

  it('warns of what failed by our fault, without a stack', async () => {
    await fetch(`${origin}/broken`);

    expect(lines()).toMatchObject([{ level: 'warn', status: 503, path: '/broken' }]);
    expect(written.join('')).not.toContain(' at ');
  });

  it('is silent about probes', async () => {
    await Promise.all(['health', 'readiness', 'liveness'].map((path) => fetch(`${origin}/${path}`)));

    expect(written).toEqual([]);
  });

  it('hears of a listener that failed', () => {
    const events = new Events(logEventFault);
    events.on('config.applied', () => {
      throw new Error('boom');
    });
    events.emit('config.applied', { generation: 2, changed: [] });

    expect(lines()).toMatchObject([{ level: 'error', msg: 'a listener failed', err: { message: 'boom' } }]);
  });
});
