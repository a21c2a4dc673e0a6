import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';

import { GatheredBytes } from '../../../core/gathered-bytes.js';
import type { RequestHead } from './request-head.js';

/** A plain POST, of which the body may still be on its way. */
export class LaneRequest {
  readonly method = 'POST';
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  /** Bytes of the body that are still to come. */
  missing: number;
  private gathered: GatheredBytes | undefined;
  private reader: ((body: Buffer) => void) | undefined;
  private unwanted = false;

  /**
   * @param body what came of it with the head
   * @param wanted told when somebody waits for the rest of the body
   */
  constructor(
    { url, headers, rawHeaders, length }: RequestHead,
    readonly socket: Socket,
    private body: Buffer | undefined,
    private readonly wanted: () => void,
  ) {
    this.url = url;
    this.headers = headers;
    this.rawHeaders = rawHeaders;
    const came = body?.length ?? 0;
    this.missing = length - came;
    if (this.missing === 0 || came === 0) return;
    this.gathered = new GatheredBytes();
    this.gathered.push(body as Buffer);
  }

  /** Bytes that were read and nobody has asked for yet. */
  get unread(): number {
    return this.reader ? 0 : (this.gathered?.length ?? 0);
  }

  /** Calls back with the whole body as soon as it is there; never, when the client leaves half-way. */
  read(done: (body: Buffer) => void): void {
    if (this.missing === 0) return done(this.body as Buffer);
    this.reader = done;
    this.wanted();
  }

  /** Nobody wants its body: what is still to come is let go of. */
  resume(): void {
    this.unwanted = true;
    this.reader = undefined;
    this.gathered = undefined;
    this.body = undefined;
  }

  /** More of the body, and no more than is missing. */
  push(bytes: Buffer): void {
    this.missing -= bytes.length;
    if (this.unwanted) return;
    this.gathered ??= new GatheredBytes();
    this.gathered.push(bytes);
    if (this.missing > 0) return;
    this.body = this.gathered.take();
    this.gathered = undefined;
    const { reader } = this;
    this.reader = undefined;
    reader?.(this.body);
  }
}
