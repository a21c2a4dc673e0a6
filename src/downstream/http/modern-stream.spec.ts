import { DownstreamApp, eventsOf, postOf, type Overrides } from '../../../test/support/downstream.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { headersOf, modern, modernCall, openModern, postModern, SERVER_INFO } from '../../../test/support/modern.js';
import { HeardStream } from '../../../test/support/resume-bench.js';
import { until } from '../../../test/support/until.js';
import type { Clock } from '../../core/clock.js';
import { CancelledError, GatewayError } from '../../core/errors.js';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { errorReply, InputRequest, type McpReply, result } from '../../core/message.js';
import { readParams } from '../../protocol/index.js';
import { systemClock } from '../../system-clock.js';

let gateway: DownstreamApp;
let reply: PromiseWithResolvers<McpReply>;

async function start(overrides: Overrides = {}, clock: Clock = systemClock): Promise<void> {
  gateway = await DownstreamApp.start(overrides, clock);
  reply = Promise.withResolvers();
  gateway.routes.handler = () => reply.promise;
}

function say(exchange: Exchange, method: string, params: JsonObject): void {
  const said = readParams(Buffer.from(JSON.stringify(params)));
  exchange.deliver({ kind: 'notification', method: `notifications/${method}`, params: said });
}

async function arrived(count = 1): Promise<Exchange> {
  await until(() => gateway.routes.seen.length === count, 'the request to arrive');
  return gateway.routes.seen[count - 1]!.exchange;
}

/** What a server says on the way: progress, a log line, and what does not belong there. */
function sayAll(exchange: Exchange): void {
  say(exchange, 'progress', { progressToken: 9, progress: 1, total: 2 });
  say(exchange, 'message', { level: 'info', data: 'half way' });
  say(exchange, 'message', { level: 'debug', data: 'too much' });
  say(exchange, 'progress', { progressToken: 9, progress: 1 });
  say(exchange, 'tools/list_changed', {});
  say(exchange, 'elicitation/complete', { elicitationId: 'e' });
  say(exchange, 'x-vendor', { kept: true });
}

const ASKING = { progressToken: 'p', logLevel: 'info' };

describe('the stream of a modern request', () => {
  beforeEach(() => start());
  afterEach(() => gateway.stop());

  it('has progress under the token of the client and the log messages that it wants, then the reply (G22)', async () => {
    const waiting = postModern(gateway, modernCall('crm__export', 22, ASKING));
    sayAll(await arrived());
    reply.resolve(result({ content: [] }));
    const { status, headers, text } = await waiting;
    expect([status, headers['content-type']]).toEqual([200, 'text/event-stream']);
    expect(headers).not.toHaveProperty('mcp-session-id');
    expect(text).not.toMatch(/^(id|retry):/m);
    expect(eventsOf(text)).toEqual([
      {
        jsonrpc: '2.0',
        method: 'notifications/progress',
        params: { progressToken: 'p', progress: 1, total: 2 },
      },
      { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'half way' } },
      { jsonrpc: '2.0', method: 'notifications/x-vendor', params: { kept: true } },
      {
        jsonrpc: '2.0',
        id: 22,
        result: {
          resultType: 'complete',
          content: [],
          _meta: { [SERVER_INFO]: { name: 'gw', version: '1.0.0' } },
        },
      },
    ]);
  });

  it('is none where the client asked for nothing of the kind', async () => {
    const waiting = postModern(gateway, modernCall('t', 1));
    const exchange = await arrived();
    say(exchange, 'progress', { progressToken: 9, progress: 1 });
    say(exchange, 'message', { level: 'emergency', data: 'x' });
    reply.resolve(result({}));
    expect((await waiting).headers['content-type']).toBe('application/json');
  });

  it.each([
    ['JSON alone', 'application/json', 'application/json'],
    ['nothing in particular', undefined, 'application/json'],
    ['anything', '*/*', 'application/json'],
    ['something else', 'text/html', 'application/json'],
    ['streams alone', 'text/event-stream', 'text/event-stream'],
    ['streams and anything', 'text/event-stream, */*', 'text/event-stream'],
  ])('is there for clients that take one: %s', async (_, accept, type) => {
    const waiting = postModern(gateway, modernCall('t', 1, ASKING), { accept });
    sayAll(await arrived());
    reply.resolve(result({}));
    const { status, headers, text } = await waiting;
    expect([status, headers['content-type']]).toEqual([200, type]);
    if (type === 'application/json') expect(JSON.parse(text)).toMatchObject({ id: 1, result: {} });
    else expect(eventsOf(text)).toHaveLength(4);
  });

  it('is where a reply stands for a client that takes nothing else, but no refusal', async () => {
    const only = { accept: 'text/event-stream' };
    reply.resolve(result({}));
    const { headers, text } = await postModern(gateway, modernCall('t', 1), only);
    expect([headers['content-type'], eventsOf(text)]).toMatchObject(['text/event-stream', [{ id: 1, result: {} }]]);
    const refused = await postModern(gateway, modern('ping', 2), only);
    expect([refused.status, refused.json]).toMatchObject([404, { id: 2, error: { code: -32601 } }]);
  });

  it('has errors on it as soon as it has begun, whatever their status would have been', async () => {
    const waiting = postModern(gateway, modernCall('t', 1, ASKING));
    say(await arrived(), 'progress', { progressToken: 9, progress: 1 });
    reply.resolve(errorReply(-32601, 'no'));
    const { status, text } = await waiting;
    expect([status, eventsOf(text).at(-1)]).toMatchObject([200, { id: 1, error: { code: -32601 } }]);
  });

  it('never asks the client anything: what still asks is refused at once', async () => {
    const waiting = postModern(gateway, modernCall('t', 1, { capabilities: { elicitation: {} } }));
    const asker = { answered: vi.fn(), refused: vi.fn(), progressed: vi.fn(), onWithdrawn: vi.fn() };
    const exchange = await arrived();
    exchange.deliver(new InputRequest('elicitation/create', undefined, asker));
    exchange.stay.deliver(new InputRequest('elicitation/create', undefined, asker));
    expect(asker.refused).toHaveBeenCalledTimes(2);
    reply.resolve(result({}));
    expect((await waiting).headers['content-type']).toBe('application/json');
  });
});

describe('a modern client that closes its response', () => {
  beforeEach(() => start());
  afterEach(() => gateway.stop());

  it.each([false, true])('has cancelled its request, whether the stream has begun: %s (G79)', async (begun) => {
    const message = modernCall('t', 80, ASKING);
    const leaving = new AbortController();
    const opened = gateway.open('POST', { ...postOf(message, headersOf(message)), signal: leaving.signal });
    opened.catch(() => undefined);
    const exchange = await arrived();
    if (begun) {
      say(exchange, 'progress', { progressToken: 9, progress: 1 });
      (await opened).on('error', () => undefined);
    }
    leaving.abort();
    await until(() => exchange.signal.aborted, 'the request to be cancelled');
    expect(exchange.signal.reason).toBeInstanceOf(CancelledError);
    expect((exchange.signal.reason as CancelledError).reason).toBe('client disconnected');
    expect([exchange.stay.ended, gateway.downstream.inFlight]).toEqual([true, 0]);
    expect(gateway.outcome('tools/call')).toEqual(['499 exchange_cancelled']);
    reply.resolve(result({}));
    expect(gateway.outcomes).toHaveLength(1);
  });

  it('after the reply has cancelled nothing', async () => {
    reply.resolve(result({}));
    await postModern(gateway, modernCall('t', 1));
    const { exchange } = gateway.routes.seen[0]!;
    expect([exchange.signal.aborted, gateway.outcome('tools/call')]).toEqual([false, ['200 -']]);
  });
});

describe('a modern request that takes long', () => {
  let clock: ManualClock;

  beforeEach(async () => {
    clock = new ManualClock();
    await start({}, clock);
  });
  afterEach(() => gateway.stop());

  it('is answered with a stream that shows that it is not forgotten', async () => {
    const opened = openModern(gateway, modernCall('t', 1));
    await arrived();
    clock.advance(16_000);
    const heard = await new HeardStream(await opened).untilHeard(':\n\n');
    clock.advance(16_000);
    await heard.untilHeard(':\n\n:\n\n');
    reply.reject(new GatewayError('protocol_unknown_method', 'no'));
    expect(eventsOf(await heard.whole())).toMatchObject([{ id: 1, error: { code: -32601 } }]);
    expect(heard.status).toBe(200);
  });

  it('is given up in the end by itself', async () => {
    const waiting = postModern(gateway, modernCall('t', 1), { accept: 'application/json' });
    const exchange = await arrived();
    clock.advance(exchange.deadline - clock.now() + 100);
    const { status, json } = await waiting;
    expect([status, json]).toMatchObject([200, { id: 1, error: { data: { reason: 'upstream_timeout' } } }]);
    expect(gateway.downstream.inFlight).toBe(0);
  });

  it('is given up when the gateway cannot wait any longer', async () => {
    const waiting = postModern(gateway, modernCall('t', 1));
    await arrived();
    const drained = gateway.downstream.drain(10);
    clock.advance(10);
    expect(await drained).toBe(false);
    expect(await waiting).toMatchObject({
      status: 503,
      json: { id: 1, error: { data: { reason: 'gateway_draining' } } },
    });
  });
});

describe('a modern client that does not read', () => {
  afterEach(() => gateway.stop());

  it('holds up the flow of its request, and is cut off when it is too much', async () => {
    await start({ ServerSection: { queueSoftBytes: 65_536, queueHardBytes: 1_048_576 } });
    const opened = openModern(gateway, modernCall('t', 1, { logLevel: 'debug' }));
    const exchange = await arrived();
    const data = 'x'.repeat(65_536);
    say(exchange, 'message', { level: 'info', data });
    const response = await opened;
    response.on('error', () => undefined).pause();
    let sent = 0;
    while (!exchange.flow.congested && sent++ < 1_000) {
      say(exchange, 'message', { level: 'info', data });
      await new Promise((resolve) => void setImmediate(resolve));
    }
    expect(exchange.flow.congested).toBe(true);
    while (!exchange.signal.aborted && sent++ < 2_000) {
      say(exchange, 'message', { level: 'info', data });
      await new Promise((resolve) => void setImmediate(resolve));
    }
    expect(gateway.outcome('tools/call')).toEqual(['499 exchange_cancelled']);
    expect(exchange.flow.congested).toBe(false);
  });
});
