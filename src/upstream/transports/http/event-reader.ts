import type { Incoming } from '../../../protocol/index.js';
import type { Inbound } from '../inbound.js';
import { SseParser, type SseListener } from './sse-parser.js';

/** What can be said in a header. */
const SAYABLE = /^[\x20-\x7e]{1,1024}$/;

/** Reads the messages of an event stream, and remembers how the stream could be continued. */
export class EventReader implements SseListener {
  /** Of the last event that had one: the server can go on behind it. Undefined where it cannot be said in a header. */
  lastEventId: string | undefined;
  /** Milliseconds the server wants us to wait before connecting again. */
  retryMs: number | undefined;
  /** Whether the stream that is read now has brought anything new. */
  fruitful = false;
  private parser: SseParser;

  constructor(
    private readonly inbound: Inbound,
    private readonly maxBytes: number,
    private readonly take: (incoming: Incoming) => void,
  ) {
    this.parser = new SseParser(maxBytes, this);
  }

  /** Another stream, or the continuation of the one before, begins. */
  begin(): void {
    this.fruitful = false;
    this.parser = new SseParser(this.maxBytes, this);
  }

  /** False when an event is longer than allowed. @param chunk is not kept */
  push(chunk: Buffer): boolean {
    return this.parser.push(Buffer.from(chunk));
  }

  event(data: Buffer): void {
    this.fruitful = true;
    this.take(this.inbound.read(data));
  }

  eventId(id: string): void {
    this.fruitful = true;
    this.lastEventId = SAYABLE.test(id) ? id : undefined;
  }

  retry(ms: number): void {
    this.retryMs = ms;
  }
}
