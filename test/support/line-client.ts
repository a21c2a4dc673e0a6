import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

import { initialize, type Json } from './raw-clients.ts';

/** A client that says one message a line on a unix socket, and takes what it is told line by line. */
export class LineClient {
  readonly closed: Promise<void>;
  private readonly lines: AsyncIterator<string>;

  private constructor(readonly socket: Socket) {
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    this.lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  }

  static async connect(path: string, options: Partial<NetConnectOpts> = {}): Promise<LineClient> {
    const socket = connect({ path, ...options });
    await once(socket, 'connect');
    return new LineClient(socket);
  }

  /** One that has been introduced. */
  static async introduced(path: string, revision = '2025-11-25'): Promise<LineClient> {
    const client = await LineClient.connect(path);
    await client.ask(initialize(revision));
    return client;
  }

  send(message: unknown): void {
    this.socket.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
  }

  async nextText(): Promise<string> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error('the connection has ended');
    return value;
  }

  async next(): Promise<Json> {
    return JSON.parse(await this.nextText()) as Json;
  }

  /** Sends and takes the next message. */
  ask(message: unknown): Promise<Json> {
    this.send(message);
    return this.next();
  }
}
