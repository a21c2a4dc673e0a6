import { isUtf8 } from 'node:buffer';

import { CloseCode, isCloseCode } from './close-code.js';
import type { FrameLimits, FrameListener } from './frame-listener.js';
import { breaksRule } from './frame-rules.js';
import { mask } from './mask.js';
import { FIN, MASKED, OPCODE, Opcode } from './opcode.js';
import { PartialFrame, PartialMessage } from './partial.js';

const NOTHING = Buffer.alloc(0);
const LENGTH = 0x7f;
/** In place of a length: it stands in the next two bytes, or else in the next eight. */
const TWO_BYTES = 126;
const WHOLE_TEXT = FIN | Opcode.TEXT;
/** The shortest payloads whose length needs two bytes of its own, and eight. */
const LEAST_OF_TWO = 126;
const LEAST_OF_EIGHT = 65_536;
/** Beyond the upper half of a length that is a number still. */
const MAX_HIGH = 2 ** 21;

/**
 * Reads the frames of one end of a WebSocket (RFC 6455, 5) from the pieces in which its bytes arrive. A message that
 * lies whole in one of them is a view of it, unmasked in place; what comes in several takes no more memory than its
 * bytes. A length that is written with more bytes than it needs is refused, as RFC 6455, 5.2 forbids to write it so.
 */
export class FrameReader {
  private chunk: Buffer = NOTHING;
  private at = 0;
  private held = false;
  private reading = false;
  private over = false;
  private partial: PartialFrame | undefined;
  private message: PartialMessage | undefined;
  /** In how many pieces that came which is not whole. */
  private pieces = 0;

  /** @param masked whether frames have to be masked, as those of a client, or must not be */
  constructor(
    private readonly masked: boolean,
    private readonly limits: FrameLimits,
    private readonly listener: FrameListener,
  ) {}

  get isHeld(): boolean {
    return this.held;
  }

  /** @param chunk becomes the reader's */
  push(chunk: Buffer): void {
    if (this.over) return;
    if (this.pieces >= this.limits.maxPieces) return this.violated(CloseCode.POLICY);
    this.chunk = this.at < this.chunk.length ? Buffer.concat([this.chunk.subarray(this.at), chunk]) : chunk;
    this.at = 0;
    this.read();
  }

  /** Says nothing more, until `release`: what it has is kept. */
  hold(): void {
    this.held = true;
  }

  release(): void {
    this.held = false;
    this.read();
  }

  /** Reads nothing any more, and lets go of what it has. */
  end(): void {
    this.over = true;
    this.chunk = NOTHING;
    this.partial = this.message = undefined;
  }

  private read(): void {
    if (this.reading) return;
    this.reading = true;
    try {
      while (this.at < this.chunk.length && !this.held && !this.over) {
        if (!(this.partial ? this.more(this.partial) : this.frame())) break;
      }
    } finally {
      this.reading = false;
    }
    if (this.at < this.chunk.length) return;
    this.chunk = NOTHING;
    this.at = 0;
  }

  /** One frame, or the beginning of one. False when not even its head is here. */
  private frame(): boolean {
    const { chunk, at, masked } = this;
    const room = chunk.length - at;
    if (room < 2) return this.beheaded();
    const first = chunk[at] as number;
    const second = chunk[at + 1] as number;
    const continues = this.message !== undefined;
    const isUsual = first === WHOLE_TEXT && !continues && second >= MASKED === masked;
    if (!isUsual && breaksRule(first, second, masked, continues)) return this.refuse(CloseCode.PROTOCOL);
    let length = second & LENGTH;
    let from = at + 2;
    if (length === TWO_BYTES) {
      if (room < 4) return this.beheaded();
      length = ((chunk[at + 2] as number) << 8) | (chunk[at + 3] as number);
      if (length < LEAST_OF_TWO) return this.refuse(CloseCode.PROTOCOL);
      from = at + 4;
    } else if (length > TWO_BYTES) {
      if (room < 10) return this.beheaded();
      const high = chunk.readUInt32BE(at + 2);
      if (high >= MAX_HIGH) return this.refuse(CloseCode.TOO_LARGE);
      length = high * 2 ** 32 + chunk.readUInt32BE(at + 6);
      if (length < LEAST_OF_EIGHT) return this.refuse(CloseCode.PROTOCOL);
      from = at + 10;
    }
    const isControl = (first & Opcode.CLOSE) !== 0;
    if (!isControl && (this.message?.bytes ?? 0) + length > this.limits.maxBytes)
      return this.refuse(CloseCode.TOO_LARGE);
    let key = 0;
    if (masked) {
      if (chunk.length - from < 4) return this.beheaded();
      key = chunk.readInt32LE(from);
      from += 4;
    }
    const end = from + length;
    if (end > chunk.length) {
      this.at = from;
      this.partial = new PartialFrame(first, key, length);
      return true;
    }
    mask(chunk, from, end, key);
    this.at = end;
    this.take(first, length === 0 ? NOTHING : chunk.subarray(from, end));
    return true;
  }

  /** The rest of the head is still to come: what is here is kept, and nothing else of what it was read into. */
  private beheaded(): false {
    const kept = Buffer.alloc(this.chunk.length - this.at);
    this.chunk.copy(kept, 0, this.at);
    this.chunk = kept;
    this.at = 0;
    this.pieces++;
    return false;
  }

  /** More of a payload, or the rest of it. */
  private more(partial: PartialFrame): boolean {
    this.at = partial.take(this.chunk, this.at);
    this.pieces++;
    if (!partial.isWhole) return false;
    this.partial = undefined;
    this.take(partial.first, partial.unmasked());
    return true;
  }

  private take(first: number, data: Buffer): void {
    this.pieces = 0;
    const opcode = first & OPCODE;
    if (opcode >= Opcode.CLOSE) this.control(opcode, data);
    else if (first >= FIN && !this.message) this.listener.message(data, opcode === Opcode.TEXT);
    else this.fragment(first, data);
  }

  private fragment(first: number, data: Buffer): void {
    const message = (this.message ??= new PartialMessage(first));
    message.push(data);
    if (message.count > this.limits.maxFragments) return this.violated(CloseCode.POLICY);
    if (first < FIN) return;
    this.message = undefined;
    this.listener.message(message.whole(), message.opcode === Opcode.TEXT);
  }

  private control(opcode: number, data: Buffer): void {
    if (opcode === Opcode.PING) return this.listener.ping(data);
    if (opcode === Opcode.PONG) return this.listener.pong();
    const code = data.length > 0 ? data.readUInt16BE() : CloseCode.NONE;
    if (data.length > 0 && !isCloseCode(code)) return this.violated(CloseCode.PROTOCOL);
    const reason = data.subarray(2);
    if (!isUtf8(reason)) return this.violated(CloseCode.NOT_TEXT);
    this.end();
    this.listener.closing(code, reason);
  }

  private refuse(code: number): false {
    this.violated(code);
    return false;
  }

  private violated(code: number): void {
    this.end();
    this.listener.violated(code);
  }
}
