import type { Socket } from 'node:net';

import { call, DownstreamApp, type WsClient } from '../../../test/support/downstream.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { until } from '../../../test/support/until.js';
import type { Exchange } from '../../core/exchange.js';
import type { Flow } from '../../core/flow.js';
import { result } from '../../core/message.js';
import { readParams } from '../../protocol/index.js';

const KIB = 1_024;
const SOFT = 256 * KIB;
const HARD = 2 * 1_024 * KIB;
const PING_MS = 30_000;

let gateway: DownstreamApp;
let clock: ManualClock;

/** The gateway's end of the only connection, where what waits for the client can be seen. */
function ownEnd(): Socket {
  const { voice } = gateway.stays()[0] as unknown as { voice: { socket: Socket } };
  return voice.socket;
}

/** Takes one message in each turn of the event loop; counts them. */
function readSlowly({ socket }: WsClient): { messages: number } {
  const read = { messages: 0 };
  socket.on('message', () => {
    read.messages++;
    socket.pause();
    setImmediate(() => socket.resume());
  });
  return read;
}

function clear(flow: Flow): Promise<void> {
  return new Promise((resolve) => flow.whenClear(resolve));
}

function log(bytes: number) {
  const params = readParams(Buffer.from(JSON.stringify({ level: 'error', data: 'x'.repeat(bytes) })));
  return { kind: 'notification', method: 'notifications/message', params } as const;
}

beforeEach(async () => {
  clock = new ManualClock();
  const limits = { queueSoftBytes: SOFT, queueHardBytes: HARD, pingInterval: PING_MS };
  gateway = await DownstreamApp.start({ ServerSection: limits }, clock);
});

afterEach(() => gateway.stop());

describe('a WebSocket client that reads slowly', () => {
  it('gets all of a flood, which waits where it comes from', async () => {
    const client = await gateway.introduced();
    const socket = ownEnd();
    let most = 0;
    const flood = async (exchange: Exchange): Promise<void> => {
      for (let nth = 0; nth < 2_000; nth++) {
        while (exchange.flow.congested) await clear(exchange.flow);
        exchange.deliver(log(4 * KIB));
        most = Math.max(most, socket.writableLength);
      }
    };
    gateway.routes.handler = (_request, exchange) => flood(exchange).then(() => result({ done: true }));
    const read = readSlowly(client);
    for (let id = 1; id <= 4; id++) client.send(call('flood', id));
    await until(() => read.messages === 4 * 2_001, 'all of it', 30_000);
    expect(most).toBeGreaterThan(SOFT);
    expect(most).toBeLessThan(SOFT + 64 * KIB);
    expect(gateway.dropped).toEqual([]);
  }, 40_000);

  it('gets all replies to the requests that it sends faster than it reads, and is not read from meanwhile', async () => {
    const client = await gateway.introduced();
    const socket = ownEnd();
    const large = result({ large: 'x'.repeat(64 * KIB) });
    let most = 0;
    gateway.routes.handler = () => {
      most = Math.max(most, socket.writableLength);
      return Promise.resolve(large);
    };
    const read = readSlowly(client);
    let sent = 0;
    const ask = (): void => client.send(call('t', ++sent));
    client.socket.on('message', () => {
      if (sent < 800) ask();
    });
    for (let nth = 0; nth < 16; nth++) ask();
    await until(() => read.messages === 800, 'all replies', 30_000);
    // What was read before it was congested, and no more: the rest waits with the client.
    expect(most).toBeLessThan(SOFT + 17 * 65 * KIB);
    expect(gateway.dropped).toEqual([]);
  }, 40_000);

  it('is dropped when more waits for it than is good, because nobody held back', async () => {
    const client = await gateway.introduced();
    const socket = ownEnd();
    client.socket.pause();
    const [stay] = gateway.stays();
    let most = 0;
    for (let nth = 0; nth < 10_000; nth++) {
      if (stay?.ended) break;
      stay?.deliver(log(64 * KIB));
      most = Math.max(most, socket.writableLength);
      await new Promise(setImmediate);
    }
    expect(most).toBeLessThan(HARD + 130 * KIB);
    expect(gateway.dropped).toEqual(['queue_full']);
    expect(stay?.flow.congested).toBe(false);
    client.socket.resume();
    expect(await client.closed).toBe(1013);
  });

  it('is not taken for dead as long as it takes what waits for it, and is when it takes nothing', async () => {
    const client = await gateway.introduced();
    const socket = ownEnd();
    const [stay] = gateway.stays();
    client.socket.pause();
    const fill = async (): Promise<void> => {
      while (!stay!.flow.congested) {
        stay!.deliver(log(64 * KIB));
        await new Promise(setImmediate);
      }
    };
    await fill();
    for (let nth = 0; nth < 6; nth++) {
      client.socket.resume();
      await until(() => !stay!.flow.congested, 'the client to take it');
      client.socket.pause();
      await fill();
      clock.advance(PING_MS);
    }
    expect(stay?.ended).toBe(false);
    for (let nth = 0; nth < 4; nth++) clock.advance(PING_MS);
    await until(() => stay?.ended, 'the connection to be cut');
    expect(socket.destroyed).toBe(true);
  });
});
