import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';

import { initialize, type Json } from './raw-clients.ts';

/** A client that says one message a line on a unix socket, and takes what it is told line by line. */
export class LineClient {
  readonly closed: Promise<void>;
  private readonly lines: string[] = [];
  private rest = '';
  private wake: (() => void) | undefined;
  private isOver = false;

  private constructor(readonly socket: Socket) {
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    // Not by `readline`, for which U+2028 ends a line as well.
    socket.setEncoding('utf8').on('data', (chunk) => {
      const lines = `${this.rest}${String(chunk)}`.split('\n');
      this.rest = lines.pop() ?? '';
      this.lines.push(...lines);
      this.wake?.();
    });
    for (const end of ['end', 'close']) {
      socket.on(end, () => {
        this.isOver = true;
        this.wake?.();
      });
    }
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
    while (this.lines.length === 0) {
      if (this.isOver) throw new Error('the connection has ended');
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return this.lines.shift()!;
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
