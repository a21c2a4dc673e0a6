import type { Socket } from 'node:net';

import type { Dialer } from './dialer.js';
import type { Dispatched } from './dispatched.js';
import { IDLE_MS } from './framing.js';
import { ResponseFault } from './response-fault.js';
import { type ParserListener, ResponseParser } from './response-parser.js';
import type { ResponseHead } from './response-listener.js';

/** A body up to this size is copied behind the head, so that both leave as one. */
const COPIED_BYTES = 16 * 1_024;

/** To whom a connection belongs. */
export interface ConnectionOwner {
  /** It can take a request. */
  freed(connection: HttpConnection): void;
  /** It is no more. */
  gone(connection: HttpConnection): void;
}

/**
 * One connection to a server, with one request on it at a time. Whatever a server says that it was not asked for, and
 * whatever it says wrongly, ends it.
 */
export class HttpConnection implements ParserListener {
  /** Until when it may be idle. Monotonic milliseconds. */
  idleUntil = 0;
  private readonly socket: Socket;
  private readonly parser = new ResponseParser(this);
  private current: Dispatched | undefined;
  /** What was read and not looked at, because nothing was to be read. */
  private rest: Buffer | undefined;
  private isReady = false;
  private cause: Error | undefined;

  /** @param first what it is opened for */
  constructor(
    dialer: Dialer,
    private readonly owner: ConnectionOwner,
    first: Dispatched,
  ) {
    this.current = first;
    this.socket = dialer
      .dial((bytes) => this.received(bytes))
      .once(dialer.ready, () => this.connected(first))
      .on('error', (error) => (this.cause = error))
      .once('end', () => this.ended())
      .once('close', () => this.closed());
  }

  /** Whether it can be written to. */
  get isUsable(): boolean {
    return this.isReady && this.socket.writable && !this.socket.destroyed;
  }

  /** Sends a request, unless nobody wants that any more. */
  send(dispatched: Dispatched): void {
    dispatched.listener.onRequestStart(dispatched);
    if (dispatched.isOver) return this.free();
    this.current = dispatched;
    dispatched.connection = this;
    this.write(dispatched);
  }

  pause(): void {
    this.parser.held = true;
    this.socket.pause();
  }

  resume(): void {
    if (!this.parser.held) return;
    this.parser.held = false;
    const { rest } = this;
    this.rest = undefined;
    if (rest) this.read(rest);
    // What was held back may have been enough to be held once more.
    if (!this.parser.held) this.socket.resume();
  }

  destroy(): void {
    this.current = this.rest = undefined;
    this.socket.destroy();
  }

  /** Ends it, with whatever is under way on it. */
  cut(cause: Error): void {
    const { current } = this;
    this.destroy();
    current?.fail(cause);
  }

  head(head: ResponseHead): void {
    const { current } = this;
    current?.listener.onResponseStart(current, head);
  }

  data(chunk: Buffer): void {
    const { current } = this;
    if (current) current.listener.onResponseData(current, chunk);
    // It was broken off.
    else this.parser.held = true;
  }

  private connected(first: Dispatched): void {
    this.isReady = true;
    this.idleUntil = performance.now() + IDLE_MS;
    if (first.isOver) this.free();
    else this.send(first);
  }

  private write({ head, body }: Dispatched): void {
    const { socket } = this;
    if (!body) {
      socket.write(head, 'latin1');
    } else if (body.length > COPIED_BYTES) {
      socket.cork();
      socket.write(head, 'latin1');
      socket.write(body);
      socket.uncork();
    } else {
      const bytes = Buffer.allocUnsafe(head.length + body.length);
      bytes.write(head, 0, 'latin1');
      bytes.set(body, head.length);
      socket.write(bytes);
    }
  }

  private received(bytes: Buffer): void {
    // What was decrypted together comes together, held or not.
    if (this.rest) this.rest = Buffer.concat([this.rest, bytes]);
    else if (this.current) this.read(bytes);
    // Nobody has asked for anything: it would be taken for the response to the next request.
    else this.socket.destroy();
  }

  private read(bytes: Buffer): void {
    const { parser, socket } = this;
    try {
      const at = parser.read(bytes, 0);
      if (socket.destroyed) return;
      if (parser.isOver) this.complete(at < bytes.length);
      else if (at < bytes.length) this.rest = Buffer.from(bytes.subarray(at));
    } catch (thrown) {
      this.cut(thrown as Error);
    }
  }

  /** The whole response is there. @param tooMuch whether the server has said more than that */
  private complete(tooMuch: boolean): void {
    const { current, parser, socket } = this;
    const idleMs = parser.framing?.idleMs ?? 0;
    this.current = undefined;
    // A server that has not read the request out may take the rest of it for another.
    if (tooMuch || idleMs === 0 || socket.writableLength > 0) {
      socket.destroy();
    } else {
      if (parser.held) socket.resume();
      parser.reset();
      this.idleUntil = performance.now() + idleMs;
      this.free();
    }
    current?.end();
  }

  private free(): void {
    this.current = undefined;
    this.owner.freed(this);
  }

  /** The server says nothing more. */
  private ended(): void {
    try {
      if (!this.isReady) return;
      this.readToTheEnd();
      if (!this.current) return;
      this.parser.finish();
      this.complete(true);
    } catch (thrown) {
      this.cut(thrown as Error);
    } finally {
      this.socket.destroy();
    }
  }

  /** What was held back is said now: nobody could hear it later. */
  private readToTheEnd(): void {
    for (let { rest } = this; rest; rest = this.rest) {
      this.rest = undefined;
      this.parser.held = false;
      this.read(rest);
    }
  }

  private closed(): void {
    const { current } = this;
    this.owner.gone(this);
    this.current = undefined;
    current?.fail(this.cause ?? new ResponseFault('the server closed the connection'));
  }
}
