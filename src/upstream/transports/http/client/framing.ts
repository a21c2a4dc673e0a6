import { ResponseFault } from './response-fault.js';
import type { ResponseHead } from './response-listener.js';

const DIGITS = /^\d{1,15}$/;
/** No connection is kept for longer, whatever its server promises. Milliseconds. */
const LONGEST_IDLE_MS = 600_000;
/** A connection is given up this long before its server would. Milliseconds. */
const MARGIN_MS = 2_000;
/** How long a connection is kept of whose server nobody knows better. Milliseconds. */
export const IDLE_MS = 4_000;

/**
 * What the headers of one response say, gathered one by one: where its body ends and whether another response may
 * follow. Whatever could be understood in two ways is refused.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-6
 */
export class Framing implements ResponseHead {
  contentType: string | undefined;
  sessionId: string | undefined;
  length: number | undefined;
  isChunked = false;
  /** How long the connection may be idle afterwards. Milliseconds; 0 where it is of no more use. */
  idleMs = IDLE_MS;
  private types = 0;
  private ids = 0;
  private closes = false;
  private keeps = false;

  constructor(
    readonly status: number,
    private readonly isOld: boolean,
  ) {}

  /** Whether there is no body, whatever the headers say. */
  get isBare(): boolean {
    return this.status < 200 || this.status === 204 || this.status === 304;
  }

  /** Whether the body lasts as long as the connection. */
  get endsWithConnection(): boolean {
    return this.length === undefined && !this.isChunked && !this.isBare;
  }

  /** @param name in small letters @throws ResponseFault */
  take(name: string, value: string): void {
    switch (name) {
      case 'content-type':
        this.contentType = this.types++ === 0 ? value : undefined;
        break;
      case 'mcp-session-id':
        this.sessionId = this.ids++ === 0 ? value : undefined;
        break;
      case 'content-length':
        if (this.length !== undefined || !DIGITS.test(value)) throw new ResponseFault('not a Content-Length');
        this.length = Number(value);
        break;
      case 'transfer-encoding':
        if (this.isChunked || value.toLowerCase() !== 'chunked') throw new ResponseFault('not a Transfer-Encoding');
        this.isChunked = true;
        break;
      case 'connection':
        this.connection(value.toLowerCase());
        break;
      case 'keep-alive':
        this.keepAlive(value);
    }
  }

  /** All headers were taken. @throws ResponseFault */
  settle(): void {
    if (this.isChunked && (this.length !== undefined || this.isOld)) {
      throw new ResponseFault('a body of two lengths, or of one that its version does not know');
    }
    if (this.closes || (this.isOld && !this.keeps) || this.endsWithConnection) this.idleMs = 0;
  }

  private connection(options: string): void {
    for (const option of options.split(',')) {
      const word = option.trim();
      if (word === 'close') this.closes = true;
      else if (word === 'keep-alive') this.keeps = true;
    }
  }

  private keepAlive(value: string): void {
    const seconds = /(?:^|[ ,])timeout=(\d{1,9})/i.exec(value)?.[1];
    if (seconds === undefined) return;
    this.idleMs = Math.max(0, Math.min(Number(seconds) * 1_000 - MARGIN_MS, LONGEST_IDLE_MS));
  }
}
