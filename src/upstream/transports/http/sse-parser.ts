import { GatheredBytes } from '../../../core/gathered-bytes.js';

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const NEWLINE = Buffer.from('\n');
const EMPTY = Buffer.alloc(0);
const MESSAGE = Buffer.from('message');

/** No name or id that is of any use is longer. */
const WORD_BYTES = 1_024;

/** Who hears what an event stream says. */
export interface SseListener {
  /**
   * The data of one event; events without data are left out.
   *
   * @param name as the stream says it; undefined for a `message`
   */
  event(data: Buffer, name: string | undefined): void;
  /** The server can continue the stream behind this event. */
  eventId(id: string): void;
  /** Milliseconds the server wants us to wait before connecting again. */
  retry(ms: number): void;
}

/**
 * Reads an event stream as it comes, in any pieces: LF, CR and CRLF line ends, comments, data of several
 * lines, a byte order mark.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class SseParser {
  /** The unfinished line. */
  private readonly rest = new GatheredBytes();
  /** The unfinished event: its data so far. */
  private readonly data = new GatheredBytes();
  private dataLines = 0;
  private name: string | undefined;
  private first = true;
  private afterCr = false;

  constructor(
    private readonly maxBytes: number,
    private readonly listener: SseListener,
  ) {}

  /** False when an event is longer than allowed: the stream is of no more use. */
  push(chunk: Buffer): boolean {
    let start = this.afterCr ? this.skipLf(chunk) : 0;
    let cr = chunk.indexOf(CR, start);
    for (;;) {
      const lf = chunk.indexOf(LF, start);
      const end = cr >= 0 && (lf < 0 || cr < lf) ? cr : lf;
      if (end < 0) break;
      if (this.held + end - start > this.maxBytes) return this.overflow();
      this.line(chunk.subarray(start, end));
      start = end + 1;
      if (end !== cr) continue;
      if (start === chunk.length) this.afterCr = true;
      else if (chunk[start] === LF) start++;
      cr = chunk.indexOf(CR, start);
    }
    if (start < chunk.length) {
      this.rest.push(start === 0 ? chunk : chunk.subarray(start));
    }
    return this.held <= this.maxBytes || this.overflow();
  }

  private get held(): number {
    return this.rest.length + this.data.length;
  }

  private overflow(): false {
    this.rest.clear();
    this.data.clear();
    return false;
  }

  private skipLf(chunk: Buffer): number {
    this.afterCr = false;
    return chunk[0] === LF ? 1 : 0;
  }

  private line(last: Buffer): void {
    let line = last;
    if (this.rest.length > 0) {
      this.rest.push(last);
      line = this.rest.take();
    }
    if (this.first) {
      this.first = false;
      if (line.subarray(0, 3).equals(BOM)) line = line.subarray(3);
    }
    if (line.length === 0) this.dispatch();
    else this.field(line);
  }

  private field(line: Buffer): void {
    const colon = line.indexOf(COLON);
    if (colon === 0) return;
    const name = line.toString('latin1', 0, colon < 0 ? Math.min(line.length, 6) : Math.min(colon, 6));
    const value = colon < 0 ? EMPTY : line.subarray(line[colon + 1] === SPACE ? colon + 2 : colon + 1);
    if (name === 'data') {
      if (this.dataLines++ > 0) this.data.push(NEWLINE);
      this.data.push(value);
    } else if (name === 'event') {
      this.name = value.length === 0 || value.equals(MESSAGE) ? undefined : value.toString('utf8', 0, WORD_BYTES);
    } else if (name === 'id') {
      if (!value.includes(0)) this.listener.eventId(value.toString('utf8', 0, WORD_BYTES + 1));
    } else if (name === 'retry') {
      const ms = /^\d{1,9}$/.exec(value.toString('latin1', 0, 10));
      if (ms) this.listener.retry(Number(ms[0]));
    }
  }

  private dispatch(): void {
    const { name } = this;
    this.name = undefined;
    if (this.dataLines === 0) return;
    this.dataLines = 0;
    const data = this.data.take();
    if (data.length > 0) this.listener.event(data, name);
  }
}
