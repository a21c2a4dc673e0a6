import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { WebSocketServer, type ServerOptions } from 'ws';

import { Recorder } from '../../../test/contracts/upstream/recorder.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { settingsWith } from '../../../test/support/server-settings.js';
import { until } from '../../../test/support/until.js';
import { Events } from '../../core/events.js';
import { requestFrame } from '../../protocol/index.js';
import type { Wire } from '../wire.js';
import { WebSocketTransport } from './websocket.transport.js';

describe('WebSocketTransport', () => {
  let server: WebSocketServer;
  let listener: Recorder;
  let clock: ManualClock;
  const wires: Wire[] = [];

  async function serve(options: ServerOptions = {}): Promise<void> {
    server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options });
    await once(server, 'listening');
  }

  async function open(transport = new WebSocketTransport()): Promise<Wire> {
    listener = new Recorder();
    clock = new ManualClock();
    const settings = settingsWith({
      url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      headers: { authorization: 'Bearer t' },
    });
    const wire = await transport.open({ settings, clock, events: new Events(), era: 'legacy' }, listener);
    wires.push(wire);
    return wire;
  }

  afterEach(() => {
    for (const client of server.clients) client.terminate();
    server.close();
    wires.length = 0;
  });

  it('offers the subprotocol and sends the headers of the configuration', async () => {
    let seen: Record<string, unknown> = {};
    await serve();
    server.on('headers', (_, request) => (seen = request.headers));
    await open();

    expect(seen).toMatchObject({ 'sec-websocket-protocol': 'mcp', authorization: 'Bearer t' });
  });

  it('is content with a server that selects no subprotocol, and remembers it', async () => {
    let handshakes = 0;
    await serve({ handleProtocols: () => false });
    server.on('headers', () => handshakes++);
    const transport = new WebSocketTransport();
    await open(transport);
    expect(handshakes).toBe(2);
    await open(transport);

    expect(handshakes).toBe(3);
  });

  it('sends everything of one turn of the event loop at once', async () => {
    await serve();
    const chunks: number[] = [];
    server.on('connection', (_, request) => request.socket.on('data', (chunk: Buffer) => chunks.push(chunk.length)));
    const wire = await open();
    for (let id = 1; id <= 20; id++) wire.send(requestFrame(id, 'ping'), id);
    await until(() => chunks.length > 0, 'the frames');

    expect(chunks).toHaveLength(1);
  });

  it('closes a connection over which no ping is answered', async () => {
    await serve({ autoPong: false });
    await open();
    for (let n = 0; n < 3; n++) clock.advance(15_000);

    expect(await until(() => listener.over, 'the end')).toMatchObject({ code: 'upstream_unavailable' });
  });

  it('keeps a connection over which pings are answered', async () => {
    let pings = 0;
    await serve();
    server.on('connection', (socket) => socket.on('ping', () => pings++));
    await open();
    for (let n = 1; n <= 4; n++) {
      const ponged = pings;
      clock.advance(15_000);
      await until(() => pings > ponged, 'the ping');
      await new Promise((resolve) => setImmediate(resolve));
    }

    expect(listener.over).toBeUndefined();
  });

  it('takes no binary frames', async () => {
    await serve();
    let code: number | undefined;
    server.on('connection', (socket) => {
      socket.on('close', (closed: number) => (code = closed));
      socket.send(Buffer.from('{"jsonrpc":"2.0","method":"x"}'), { binary: true });
    });
    await open();

    expect(await until(() => code, 'the close')).toBe(1003);
    expect(listener.messages).toEqual([]);
  });
});
