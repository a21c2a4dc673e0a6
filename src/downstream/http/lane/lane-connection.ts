import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

import { HeadReader } from './head-reader.js';
import type { LaneHost, OnLane } from './lane-host.js';
import { LaneRequest } from './lane-request.js';
import { type LaneOutlet, LaneResponse } from './lane-response.js';
import type { RequestHead } from './request-head.js';

/** Bytes of a body that are read before anybody asks for them. */
const UNREAD_BYTES = 64 * 1_024;
/** How much longer than it is told a client may be idle, because its next request may be under way. Milliseconds. */
const KEEP_ALIVE_GRACE_MS = 1_000;
const TOO_LATE = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n';
const BROKEN_OFF = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n';

/**
 * A connection on which nothing but plain POSTs has come so far, one at a time: the next is looked at when the reply to
 * the one before has left. Whatever else comes is handed over with the connection, before a byte of it was used.
 */
export class LaneConnection implements LaneOutlet, OnLane {
  place = -1;
  /** Until its body has arrived and the response has left. */
  private request: LaneRequest | undefined;
  /** Until it has left. */
  private response: LaneResponse | undefined;
  /** What came and has to wait, or is half a head. */
  private rest: Buffer | undefined;
  private served = 0;
  /** Nothing is taken any more. */
  private over = false;
  /** When the message began that is arriving, or the idleness. Monotonic milliseconds. */
  private since = performance.now();
  private readonly heads = new HeadReader();

  constructor(
    readonly socket: Socket,
    private readonly host: LaneHost,
  ) {
    socket.on('data', this.take).on('end', this.ended).on('close', this.closed);
    socket.on('drain', this.drained).on('error', this.failed);
  }

  /** Whether it waits for a request that is not its first. */
  get isIdle(): boolean {
    return this.served > 0 && !this.request && !this.rest;
  }

  get keepAlive(): string {
    return this.host.keepAlive;
  }

  fixed(): readonly string[] {
    return this.request ? this.host.fixedFor(this.request) : [];
  }

  /** Ends it when its client takes too long. @param now monotonic milliseconds */
  check(now: number): void {
    const { headersTimeout, requestTimeout, keepAliveTimeout } = this.host.times;
    const age = now - this.since;
    if (this.isIdle) {
      if (age >= keepAliveTimeout + KEEP_ALIVE_GRACE_MS) this.socket.destroy();
    } else if (this.request) {
      if (this.request.missing > 0 && age >= requestTimeout) this.giveUp(TOO_LATE);
    } else if (age >= Math.min(headersTimeout, requestTimeout)) this.giveUp(TOO_LATE);
  }

  detach(): void {
    this.over = true;
    const { socket } = this;
    socket.off('data', this.take).off('end', this.ended).off('close', this.closed);
    socket.off('drain', this.drained).off('error', this.failed);
  }

  private readonly take = (chunk: Buffer): void => {
    const behind = this.over ? undefined : this.takeBody(chunk);
    if (!behind) return;
    const bytes = this.rest ? Buffer.concat([this.rest, behind]) : behind;
    if (!this.request) return this.look(bytes);
    // Nobody sends without end what has to wait.
    this.rest = bytes;
    this.socket.pause();
  };

  /** @returns what stands behind the body */
  private takeBody(chunk: Buffer): Buffer | undefined {
    const { request } = this;
    if (!request || request.missing === 0) return chunk;
    const { missing } = request;
    const isMore = chunk.length > missing;
    request.push(isMore ? chunk.subarray(0, missing) : chunk);
    if (request.unread > UNREAD_BYTES) this.socket.pause();
    if (request.missing === 0 && !this.response) this.rests();
    return isMore ? chunk.subarray(missing) : undefined;
  }

  /** Looks at what stands where a message begins. */
  private look(bytes: Buffer): void {
    const isNew = this.rest === undefined;
    this.rest = undefined;
    const found = this.heads.read(bytes);
    if (found === 'other') return this.host.handOver(this, bytes);
    if (found !== 'half') return this.begin(found, bytes);
    // The time of the first message is counted from the connection on.
    if (isNew && this.served > 0) this.since = performance.now();
    this.rest = bytes;
  }

  private begin(head: RequestHead, bytes: Buffer): void {
    const { host } = this;
    if (head.length > host.maxBodyBytes) return host.handOver(this, bytes);
    const from = this.heads.end;
    const to = from + head.length;
    const request = new LaneRequest(head, this.socket, bytes.subarray(from, to), this.wanted);
    const response = new LaneResponse(this);
    if (request.missing > 0 && this.served > 0) this.since = performance.now();
    if (this.served + 1 >= host.maxRequests) response.shouldKeepAlive = false;
    this.request = request;
    this.response = response;
    if (bytes.length > to) {
      this.rest = bytes.subarray(to);
      this.socket.pause();
    }
    host.serve(request, response);
  }

  private readonly wanted = (): void => {
    if (this.socket.isPaused()) this.socket.resume();
  };

  /** The response has left, or never will. */
  readonly left = (failure?: Error | null): void => {
    const { request, response } = this;
    // What the end of the connection means is said when it is closed.
    if (failure || !request || !response) return;
    this.response = undefined;
    this.served++;
    response.close();
    if (response.framing.last) {
      this.over = true;
      this.socket.destroySoon();
    } else if (request.missing === 0) this.rests();
    else {
      request.resume();
      this.wanted();
    }
  };

  /** A message is over, and its answer. */
  private rests(): void {
    this.request = undefined;
    this.since = performance.now();
    const { rest } = this;
    this.rest = undefined;
    this.wanted();
    if (rest) this.look(rest);
  }

  private readonly drained = (): void => {
    this.response?.emit('drain');
  };

  private readonly ended = (): void => {
    const isBrokenOff = this.request ? this.request.missing > 0 : this.rest !== undefined;
    if (isBrokenOff && !this.over) this.giveUp(BROKEN_OFF);
    else this.socket.end();
  };

  private readonly closed = (): void => {
    this.over = true;
    this.host.forget(this);
    const { response } = this;
    this.response = undefined;
    response?.close();
  };

  private readonly failed = (): void => this.giveUp(BROKEN_OFF);

  private giveUp(answer: string): void {
    const { socket, response } = this;
    if (socket.writable && !response?.hasBegun) socket.write(answer, 'latin1');
    socket.destroy();
  }
}
