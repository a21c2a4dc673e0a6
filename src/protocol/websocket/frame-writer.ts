import type { Writable } from 'node:stream';

import { ReplyFrame } from '../reply-frame.js';
import { headBytes, writeHead } from './frame-head.js';
import { maskKey } from './mask-keys.js';
import { mask } from './mask.js';
import { atTurnEnd, type Gathering } from './turn-end.js';

/** From here on a payload that is not masked is not copied: it is written beside its head. Bytes. */
const LARGE = 16 * 1_024;
const ROOM = 64 * 1_024;

/** Where the writers put their frames, one after the other. Whoever could not write at once what it put here keeps it. */
let room: Buffer | undefined;

/** What one frame carries: a message in one piece, or in those that it is made of. */
type Payload = Buffer | ReplyFrame;

/** What a writer needs to know of a stream. */
export type FrameSink = Pick<
  Writable,
  'write' | 'cork' | 'uncork' | 'writable' | 'writableLength' | 'writableNeedDrain' | 'writableHighWaterMark'
>;

/**
 * Gathers the frames that go to one stream in one turn of the event loop, and lets them go in one write: writes, not
 * bytes, are what sending costs.
 */
export class FrameWriter implements Gathering {
  private payloads: Payload[] = [];
  private opcodes: number[] = [];
  private gathered = 0;
  /** How much of that is to be copied. */
  private copied = 0;
  private added = 0;
  /** Whether the stream took the last write at once, so that what was written may be written over. */
  private takesAtOnce = true;
  /** Called when everything has left that was more than the stream likes to hold, and the stream has no cause to say so. */
  onDrained: (() => void) | undefined;

  /** @param masked whether to mask, as a client has to */
  constructor(
    private readonly stream: FrameSink,
    private readonly masked: boolean,
  ) {}

  /** What has not left yet. Bytes. */
  get waiting(): number {
    return this.stream.writableLength + this.gathered;
  }

  /** How much was added ever. Bytes. */
  get total(): number {
    return this.added;
  }

  /** Whether it will be said, by the stream or here, that everything has left. */
  get needsDrain(): boolean {
    return this.stream.writableNeedDrain || this.waiting >= this.stream.writableHighWaterMark;
  }

  /**
   * Sends one frame, a whole message, at the end of this turn.
   *
   * @param payload must not be changed afterwards
   * @returns how many bytes it takes on the wire
   */
  add(opcode: number, payload: Payload): number {
    if (this.payloads.length === 0) atTurnEnd(this);
    const { length } = payload;
    const head = headBytes(length, this.masked);
    this.payloads.push(payload);
    this.opcodes.push(opcode);
    this.gathered += head + length;
    this.added += head + length;
    this.copied += head + length - (this.besideOf(payload)?.length ?? 0);
    return head + length;
  }

  /** Sends what was gathered now. */
  flush(): void {
    const { payloads, opcodes, copied, stream } = this;
    if (payloads.length === 0) return;
    const whole = copied === this.gathered;
    const owesDrain = this.needsDrain;
    this.clear();
    if (!stream.writable) return;
    const lent = this.takesAtOnce && copied <= ROOM;
    const to = lent ? (room ??= Buffer.allocUnsafeSlow(ROOM)) : Buffer.allocUnsafe(copied);
    if (!whole) stream.cork();
    this.write(to, payloads, opcodes);
    if (!whole) stream.uncork();
    this.takesAtOnce = stream.writableLength === 0;
    if (lent && !this.takesAtOnce) room = undefined;
    if (owesDrain && !stream.writableNeedDrain) this.onDrained?.();
  }

  /** Forgets what was gathered. */
  clear(): void {
    this.payloads = [];
    this.opcodes = [];
    this.gathered = this.copied = 0;
  }

  /** What of a payload is not copied, but written beside what is. */
  private besideOf(payload: Payload): Buffer | undefined {
    const body = payload instanceof ReplyFrame ? payload.body : payload;
    return this.masked || body.length <= LARGE ? undefined : body;
  }

  private write(to: Buffer, payloads: readonly Payload[], opcodes: readonly number[]): void {
    let at = 0;
    let written = 0;
    for (let nth = 0; nth < payloads.length; nth++) {
      const payload = payloads[nth] as Payload;
      const { length } = payload;
      const key = this.masked ? maskKey() : undefined;
      at = writeHead(to, at, opcodes[nth] as number, length, key);
      const beside = this.besideOf(payload);
      if (beside) {
        if (payload instanceof ReplyFrame) at = payload.writeLead(to, at);
        this.stream.write(to.subarray(written, at));
        this.stream.write(beside);
        written = at;
        if (payload instanceof ReplyFrame) at = payload.writeEnd(to, at);
        continue;
      }
      if (payload instanceof ReplyFrame) payload.write(to, at);
      else to.set(payload, at);
      if (key !== undefined) mask(to, at, at + length, key);
      at += length;
    }
    if (at > written) this.stream.write(to.subarray(written, at));
  }
}
