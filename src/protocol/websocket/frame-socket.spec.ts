import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

import { ManualClock } from '../../../test/support/manual-clock.js';
import { until } from '../../../test/support/until.js';
import { CloseCode } from './close-code.js';
import type { FrameSocketListener } from './frame-listener.js';
import { FrameSocket, type Role } from './frame-socket.js';

const LIMITS = { maxBytes: 100_000, maxFragments: 10, maxPieces: 1_000 };
const CLOSE_MS = 1_000;
const NOTHING = Buffer.alloc(0);

/** Remembers what it hears. */
class Ear implements FrameSocketListener {
  readonly heard: string[] = [];
  onMessage: () => void = () => undefined;

  message(data: Buffer): void {
    this.heard.push(data.toString());
    this.onMessage();
  }

  ping(): void {
    this.heard.push('ping');
  }

  pong(): void {
    this.heard.push('pong');
  }

  violated(): void {
    this.heard.push('violated');
  }

  closed(): void {
    this.heard.push('closed');
  }
}

describe('FrameSocket', () => {
  let listening: Server;
  let clock: ManualClock;
  let near: Socket;
  let far: Socket;

  beforeEach(async () => {
    clock = new ManualClock();
    listening = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(listening, 'listening');
    near = connect((listening.address() as AddressInfo).port, '127.0.0.1');
    [far] = (await once(listening, 'connection')) as [Socket];
    for (const socket of [near, far]) socket.on('error', () => undefined);
  });

  afterEach(() => {
    near.destroy();
    far.destroy();
    listening.close();
  });

  function end(stream: Socket, role: Role, head = NOTHING): { socket: FrameSocket; ear: Ear } {
    const socket = new FrameSocket(stream, head, { ...LIMITS, role, clock, closeMs: CLOSE_MS });
    const ear = new Ear();
    socket.start(ear);
    return { socket, ear };
  }

  const isClosed = (ear: Ear): Promise<unknown> => until(() => ear.heard.at(-1) === 'closed', 'the end');

  /** What comes at the other end, byte by byte. */
  function bytesOf(stream: Socket): { latin1: string; isOver: boolean } {
    const got = { latin1: '', isOver: false };
    stream.on('data', (chunk: Buffer) => (got.latin1 += chunk.toString('latin1')));
    stream.on('end', () => (got.isOver = true));
    return got;
  }

  it('carries messages and pings both ways, and closes when both have said so', async () => {
    const client = end(near, 'client');
    const server = end(far, 'server');
    client.socket.send(Buffer.from('there'));
    client.socket.sendPing();
    await until(() => client.ear.heard.includes('pong'), 'the pong');
    server.socket.send(Buffer.from('back'));
    server.socket.close(CloseCode.GOING_AWAY, 'bye');
    expect(server.socket.send(Buffer.from('too late'))).toBe(0);
    await Promise.all([isClosed(client.ear), isClosed(server.ear)]);

    expect(server.ear.heard).toEqual(['there', 'ping', 'closed']);
    expect(client.ear.heard).toEqual(['pong', 'back', 'closed']);
  });

  it('begins with what was read beyond the handshake', async () => {
    const { ear } = end(near, 'client', Buffer.from('\x81\x02hi', 'latin1'));
    await until(() => ear.heard.length > 0, 'the message');
    expect(ear.heard).toEqual(['hi']);
  });

  it('answers a close with the same code', async () => {
    const got = bytesOf(far);
    const { ear } = end(near, 'client');
    far.write(Buffer.from('\x88\x02\x0f\xa0', 'latin1'));
    await until(() => got.isOver, 'the end');
    far.end();
    await isClosed(ear);
    const masked = Buffer.from(got.latin1, 'latin1');

    expect([...masked.subarray(0, 2), masked.length]).toEqual([0x88, 0x82, 8]);
    expect([(masked[6] as number) ^ (masked[2] as number), (masked[7] as number) ^ (masked[3] as number)]).toEqual([
      0x0f, 0xa0,
    ]);
  });

  it('cuts off a peer that does not answer a close', async () => {
    const { socket, ear } = end(near, 'client');
    socket.close(CloseCode.NORMAL);
    clock.advance(CLOSE_MS - 1);
    expect(socket.destroyed).toBe(false);
    clock.advance(1);
    expect(socket.destroyed).toBe(true);
    await isClosed(ear);
  });

  it('tells a peer what it did wrong and takes nothing more from it', async () => {
    const got = bytesOf(near);
    const { ear } = end(far, 'server');
    near.write(Buffer.from('\x81\x02hi\x81\x82\0\0\0\0hi', 'latin1'));
    await until(() => got.isOver, 'the end');
    near.end();
    await isClosed(ear);

    expect(got.latin1).toBe('\x88\x02\x03\xea');
    expect(ear.heard).toEqual(['violated', 'closed']);
  });

  it('stops in the middle of a read, and says the rest when it may, or when it is the end', async () => {
    const { socket, ear } = end(near, 'client');
    ear.onMessage = () => socket.pause();
    far.write(Buffer.from('\x81\x01a\x81\x01b\x81\x01c\x81\x01d', 'latin1'));
    await until(() => ear.heard.length > 0, 'the first');
    expect(ear.heard).toEqual(['a']);
    socket.resume();
    expect(ear.heard).toEqual(['a', 'b']);
    far.end();
    await isClosed(ear);
    expect(ear.heard).toEqual(['a', 'b', 'c', 'd', 'closed']);
  });

  it('cuts off a peer that asks for more pongs than it takes', async () => {
    const { socket, ear } = end(far, 'server');
    near.write(Buffer.from('\x89\x80\0\0\0\0'.repeat(61), 'latin1'));
    await isClosed(ear);
    expect(socket.destroyed).toBe(true);
    expect(ear.heard.filter((heard) => heard === 'ping')).toHaveLength(61);
  });

  it('answers any number of pings of a peer that takes the pongs, whatever else is under way', async () => {
    const { socket, ear } = end(far, 'server');
    near.resume();
    for (let nth = 1; nth <= 130; nth++) {
      socket.send(Buffer.alloc(100, 'x'));
      near.write(Buffer.from('\x89\x80\0\0\0\0', 'latin1'));
      await until(() => ear.heard.length === nth, 'the ping');
    }
    expect(socket.isOpen).toBe(true);
  });
});
