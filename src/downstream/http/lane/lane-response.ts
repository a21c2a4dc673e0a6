import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

import { dateLine, flatOf, type HeaderValue, type OwnHeaders, ResponseHead } from './response-head.js';

/** From this size on a copy costs more than a write of two parts. */
const ONE_PIECE_BYTES = 16 * 1_024;
const LAST_CHUNK = '0\r\n\r\n';
const NOTHING = Buffer.alloc(0);

/** What a response needs to know of the connection that it goes out by. */
export interface LaneOutlet {
  readonly socket: Socket;
  /** The header lines of a connection that is kept. */
  readonly keepAlive: string;
  /** To be called back by the write that ends the response, once it has left. */
  readonly left: () => void;
  /** What every answer carries: names and values in turn. */
  fixed(): readonly string[];
}

/**
 * A response as handlers know it from `ServerResponse`, and byte for byte what that would send. A whole reply leaves in
 * one write, what is streamed in one for each turn.
 */
export class LaneResponse extends EventEmitter {
  shouldKeepAlive = true;
  statusCode = 200;
  destroyed = false;
  writableEnded = false;
  writableFinished = false;
  readonly framing = { chunked: false, last: false };
  /** Those that were set one by one, by name in small letters. */
  private set: Map<string, readonly [name: string, value: HeaderValue]> | undefined;
  /** What has not been sent of the head; undefined before there is one. */
  private head: string | undefined;

  constructor(private readonly outlet: LaneOutlet) {
    super();
  }

  get headersSent(): boolean {
    return this.head !== undefined;
  }

  /** Whether a byte of it has been given to the socket. */
  get hasBegun(): boolean {
    return this.head === '';
  }

  get writable(): boolean {
    return !this.writableEnded && !this.destroyed;
  }

  get writableLength(): number {
    return this.outlet.socket.writableLength;
  }

  get writableNeedDrain(): boolean {
    return !this.writableEnded && !this.destroyed && this.outlet.socket.writableNeedDrain;
  }

  setHeader(name: string, value: HeaderValue): this {
    this.set ??= new Map();
    this.set.set(name.toLowerCase(), [name, value]);
    return this;
  }

  writeHead(status: number, headers?: OwnHeaders): this {
    if (this.head !== undefined) throw new Error('the head was sent already');
    const { outlet, set } = this;
    const head = new ResponseHead();
    const own = flatOf(headers);
    if (set) {
      for (let at = 0; at < own.length; at += 2) set.delete(String(own[at]).toLowerCase());
      for (const [name, value] of set.values()) head.add(name, value);
    }
    head.addFlat(outlet.fixed());
    head.addFlat(own);
    this.statusCode = status;
    this.head = head.text(status, dateLine(), this.shouldKeepAlive ? outlet.keepAlive : undefined, this.framing);
    return this;
  }

  flushHeaders(): void {
    if (this.head === undefined) this.writeHead(this.statusCode);
    this.send(NOTHING);
  }

  write(data: Buffer | string, encoding?: BufferEncoding): boolean {
    if (this.writableEnded || this.destroyed) return false;
    if (this.head === undefined) this.writeHead(this.statusCode);
    const bytes = typeof data === 'string' ? Buffer.from(data, encoding) : data;
    if (bytes.length === 0) return true;
    this.send(this.framing.chunked ? chunkOf(bytes) : bytes);
    return !this.outlet.socket.writableNeedDrain;
  }

  end(data?: Buffer | string, encoding?: BufferEncoding): this {
    if (this.writableEnded || this.destroyed) return this;
    if (this.head === undefined) this.writeHead(this.statusCode);
    const { outlet, framing } = this;
    const { socket } = outlet;
    if (framing.chunked) {
      if (data !== undefined) this.write(data, encoding);
      this.writableEnded = true;
      if (socket.writable) socket.write(this.takeHead() + LAST_CHUNK, 'latin1', outlet.left);
      return this;
    }
    this.writableEnded = true;
    // Whoever does not listen any more is missed by the connection.
    if (socket.writable) this.sendWhole(data ?? '', encoding ?? 'utf8');
    return this;
  }

  destroy(): this {
    this.destroyed = true;
    this.outlet.socket.destroy();
    return this;
  }

  /** All of it has left, or the client has. */
  close(): void {
    if (this.writableEnded && !this.outlet.socket.destroyed) this.writableFinished = true;
    this.destroyed = true;
    if (this.writableFinished) this.emit('finish');
    this.emit('close');
  }

  private sendWhole(data: Buffer | string, encoding: BufferEncoding): void {
    const { socket, left } = this.outlet;
    const head = this.takeHead();
    if (typeof data === 'string' && (data === '' || encoding === 'latin1')) {
      socket.write(head + data, 'latin1', left);
      return;
    }
    const bytes = typeof data === 'string' ? Buffer.from(data, encoding) : data;
    if (bytes.length < ONE_PIECE_BYTES) {
      socket.write(joined(head, bytes), left);
      return;
    }
    socket.cork();
    socket.write(head, 'latin1');
    socket.write(bytes, left);
    socket.uncork();
  }

  /** Everything of one turn together. */
  private send(bytes: Buffer): void {
    const { socket } = this.outlet;
    if (!socket.writable) return;
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(uncork, socket);
    }
    const head = this.takeHead();
    if (head !== '') socket.write(head, 'latin1');
    if (bytes.length > 0) socket.write(bytes);
  }

  private takeHead(): string {
    const { head = '' } = this;
    this.head = '';
    return head;
  }
}

function uncork(socket: Socket): void {
  socket.uncork();
}

function joined(head: string, body: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(head.length + body.length);
  bytes.write(head, 'latin1');
  bytes.set(body, head.length);
  return bytes;
}

function chunkOf(data: Buffer): Buffer {
  const size = `${data.length.toString(16)}\r\n`;
  const bytes = Buffer.allocUnsafe(size.length + data.length + 2);
  bytes.write(size, 'latin1');
  bytes.set(data, size.length);
  bytes.write('\r\n', size.length + data.length, 'latin1');
  return bytes;
}
