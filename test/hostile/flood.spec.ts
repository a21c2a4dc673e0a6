import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';

import { initialize, request } from '../support/raw-clients.ts';
import { until } from '../support/until.ts';
import type { Flood } from './support/flooder.ts';
import { frame, Opcode } from './support/frames.ts';
import { EXAMPLE, INTRODUCTION, Target } from './support/target.ts';
import { brisk } from '../support/brisk.ts';

const MEBI = 1_048_576;
const MAX_SESSIONS = 40;
const HEAD = 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';

const text = (payload: string): Buffer => frame({ opcode: Opcode.TEXT, payload });
const times = (count: number, bytes: Buffer): Buffer => Buffer.concat(Array.from({ length: count }, () => bytes));
const rpc = (message: object): Buffer => text(JSON.stringify({ jsonrpc: '2.0', ...message }));

const INTRODUCED = text(INTRODUCTION);

/** Frames of which a client sends very many on one connection, reading what comes. */
const FLOODS: [what: string, one: Buffer][] = [
  ['notifications', rpc({ method: 'notifications/initialized' })],
  ['unknown notifications', rpc({ method: 'notifications/of-no-use', params: { a: [1, 2, 3] } })],
  ['cancellations', rpc({ method: 'notifications/cancelled', params: { requestId: 1 } })],
  ['replies to nothing', rpc({ id: 1, result: {} })],
  ['pings', rpc({ id: 1, method: 'ping' })],
  ['calls of no tool', rpc({ id: 1, method: 'tools/call', params: { name: 'no-such-tool' } })],
  ['unknown methods', rpc({ id: 1, method: 'no/such-method' })],
  ['lists', rpc({ id: 1, method: 'tools/list' })],
  ['junk', text('!')],
  ['empty frames', text('')],
  ['frames in two pieces', Buffer.concat([frame({ opcode: 1, payload: '!', fin: false }), frame({ opcode: 0 })])],
];

describe('floods', () => {
  let target: Target;

  beforeAll(async () => {
    target = await Target.start(
      `${EXAMPLE}[session]\nmax_sessions = ${MAX_SESSIONS}\n`,
      'max_connections = 200\nheaders_timeout = "3s"',
    );
  });
  afterEach(() => target.unharmed());
  afterAll(() => target?.stop());

  it.each(FLOODS)('of %s on one connection leave everybody else in peace', async (_, one) => {
    const workerData: Flood = { port: target.port, introduction: INTRODUCED, batch: times(500, one), ms: 300 };
    // In a thread of its own, so that what is measured is the gateway.
    const flooder = new Worker(new URL('support/flooder.ts', import.meta.url), { workerData });
    let batches = 0;
    const flood = { isOver: false };
    flooder.once('message', (count: number) => (batches = count));
    flooder.once('exit', () => (flood.isOver = true));
    const waits: number[] = [];
    while (!flood.isOver) waits.push(await target.pinged());
    // One in ten may be late on a machine that is busy with other things.
    expect(waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.9)]).toBeLessThan(brisk(1_000));
    expect(batches).toBeGreaterThan(2);
    expect(target.memory).toBeLessThan(600);
  });

  it('of requests on one session meet a limit', async () => {
    const client = await target.introduced();
    const slow = { name: 'count_down', arguments: { from: 1, interval_ms: 5_000 } };
    for (let id = 1; id <= 65; id++) client.send(request('tools/call', id, slow));
    for (;;) {
      const answer = await client.next();
      if ('method' in answer) continue;
      expect(answer).toMatchObject({ id: 65, error: { code: -32_603, data: { reason: 'limit_in_flight' } } });
      break;
    }
    client.socket.terminate();
  });

  it('of sessions do not lock anybody out, and those that are open go on', async () => {
    const first = await target.session();
    const answers = await Promise.all(Array.from({ length: 3 * MAX_SESSIONS }, () => target.post(initialize())));
    expect(answers.map(({ status }) => status)).not.toContain(503);
    expect((await target.post(request('ping', 1), first)).status).toBe(200);
    expect((await target.post(initialize())).status).toBe(200);
  });

  it('of connections meet a limit, and there is room again when they are gone', async () => {
    const idle = await Promise.all(
      Array.from({ length: 300 }, async () => {
        const socket = connect(target.port, '127.0.0.1');
        socket.on('error', () => undefined);
        await new Promise((resolve) => socket.once('connect', resolve).once('error', resolve));
        return socket;
      }),
    );
    await until(() => idle.filter(({ destroyed }) => destroyed).length >= 30, 'some to be refused');
    for (const socket of idle) socket.destroy();
    await until(async () => {
      try {
        return (await target.post(initialize())).status === 200;
      } catch {
        return false;
      }
    }, 'room again');
  });

  it('of tiny pieces cost little more than what they say', async () => {
    const pieces = Buffer.from('1\r\n \r\n'.repeat(50_000));
    const socket = connect(target.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
    target.forgetPeak();
    const before = target.memory;
    for (let n = 0; n < 30; n++) await new Promise((done) => socket.write(pieces, done));
    await target.unharmed();
    expect(target.peakMemory - before).toBeLessThan(100);
    socket.destroy();
  });

  it('of large messages that are never finished cost no more than they hold', async () => {
    const before = target.memory;
    const half = Buffer.alloc(3 * MEBI, ' ');
    const sockets = Array.from({ length: 8 }, () => connect(target.port, '127.0.0.1'));
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      socket.write(`${HEAD}Content-Length: ${4 * MEBI}\r\n\r\n`);
      await new Promise((done) => socket.write(half, done));
    }
    await target.unharmed();
    expect(target.memory - before).toBeLessThan(8 * 4 * 2);
    for (const socket of sockets) socket.destroy();
    await until(async () => (await target.http('GET', { path: '/liveness' })).status === 200, 'life');
  });

  it('of names make no new series of metrics', async () => {
    // Ours alone: those of the process come as the garbage collector does, and those of probes by the clock.
    const ours = /^mcp_gateway_(?!upstream_health_checks)/gm;
    const series = async () => (await (await fetch(target.gateway.metricsUrl)).text()).match(ours)?.length;
    const client = await target.introduced();
    await client.ask(request('tools/call', 'a', { name: 'no-such' }));
    await client.ask(request('no/such', 'b'));
    const before = await series();
    for (let n = 0; n < 200; n++) {
      await client.ask(request('tools/call', n, { name: `tool-${n}` }));
      await client.ask(request(`method/${n}`, n));
    }
    expect(await series()).toBe(before);
    client.socket.terminate();
  });
});
