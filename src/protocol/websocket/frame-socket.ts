import type { Duplex } from 'node:stream';

import type { Clock, Timer } from '../../core/clock.js';
import type { ReplyFrame } from '../reply-frame.js';
import { closePayload } from './close-code.js';
import type { FrameLimits, FrameListener, FrameSocketListener } from './frame-listener.js';
import { FrameReader } from './frame-reader.js';
import { FrameWriter } from './frame-writer.js';
import { Opcode } from './opcode.js';
import { Pongs } from './pongs.js';

const NOTHING = Buffer.alloc(0);

/** Which end of a WebSocket one is. What a client sends is masked. */
export type Role = 'client' | 'server';

/** What the ends of a kind have in common. */
export interface FrameSocketOptions extends FrameLimits {
  readonly role: Role;
  /** How long the peer may take to answer a close before the connection is cut. Milliseconds. */
  readonly closeMs: number;
  readonly clock: Clock;
}

/**
 * One end of a WebSocket whose opening handshake is done (RFC 6455): messages in and out, pings answered, and the
 * closing handshake.
 */
export class FrameSocket implements FrameListener {
  private readonly reader: FrameReader;
  private readonly writer: FrameWriter;
  private readonly pongs: Pongs;
  private listener: FrameSocketListener | undefined;
  private open = true;
  /** Whether nothing more is to be expected of the peer but the end of its bytes. */
  private peerDone = false;
  private cut: Timer | undefined;

  /** @param head what was read beyond the handshake already */
  constructor(
    private readonly stream: Duplex,
    head: Buffer,
    private readonly options: FrameSocketOptions,
  ) {
    const isClient = options.role === 'client';
    this.reader = new FrameReader(!isClient, options, this);
    this.writer = new FrameWriter(stream, isClient);
    this.pongs = new Pongs(this.writer);
    if (head.length > 0) stream.unshift(head);
  }

  /** Whether messages may be sent. */
  get isOpen(): boolean {
    return this.open;
  }

  get destroyed(): boolean {
    return this.stream.destroyed;
  }

  /** What was sent and has not left yet. Bytes. */
  get writableLength(): number {
    return this.writer.waiting;
  }

  /** Whether `drain` will be emitted. */
  get writableNeedDrain(): boolean {
    return this.writer.needsDrain;
  }

  /** As a stream does: one listener for `drain`, any number for `close`. */
  on(event: 'drain' | 'close', listener: () => void): this {
    if (event === 'drain') this.writer.onDrained = listener;
    this.stream.on(event, listener);
    return this;
  }

  /** Begins to read, for one listener. */
  start(listener: FrameSocketListener): void {
    this.listener = listener;
    const { stream } = this;
    stream.on('data', (chunk: Buffer) => this.reader.push(chunk));
    stream.on('end', () => this.ended());
    // `close` follows.
    stream.on('error', () => this.writer.clear());
    stream.on('close', () => this.gone());
  }

  /**
   * Sends one text message, or nothing when it is not open.
   *
   * @param payload UTF-8; must not be changed afterwards
   * @returns how many bytes it takes on the wire
   */
  send(payload: Buffer | ReplyFrame): number {
    return this.open ? this.writer.add(Opcode.TEXT, payload) : 0;
  }

  sendPing(): void {
    if (this.open) this.writer.add(Opcode.PING, NOTHING);
  }

  /** Reads nothing more until `resume`. */
  pause(): void {
    if (this.peerDone) return;
    this.reader.hold();
    this.stream.pause();
  }

  resume(): void {
    this.reader.release();
    if (!this.reader.isHeld) this.stream.resume();
  }

  /** Says that it is over. The connection ends when the peer has said so as well, or has had the time to. */
  close(code: number, reason = ''): void {
    if (!this.open) return;
    this.open = false;
    this.writer.add(Opcode.CLOSE, closePayload(code, Buffer.from(reason)));
    if (this.peerDone) this.hangUp();
    else this.cutLater();
  }

  /** Says that what the peer does is wrong, and takes nothing more from it. */
  fail(code: number): void {
    this.reader.end();
    this.violated(code);
  }

  /** Cuts the connection, without a word. */
  terminate(): void {
    this.open = false;
    this.reader.end();
    this.writer.clear();
    this.stream.destroy();
  }

  /** For the reader. */
  message(data: Buffer, isText: boolean): void {
    this.listener?.message(data, isText);
  }

  /** For the reader. */
  ping(data: Buffer): void {
    if (this.open && !this.pongs.answer(data)) this.terminate();
    this.listener?.ping();
  }

  /** For the reader. */
  pong(): void {
    this.listener?.pong();
  }

  /** For the reader. */
  closing(code: number, reason: Buffer): void {
    this.peerDone = true;
    // Its end is still to be heard.
    this.stream.resume();
    if (!this.open) return this.hangUp();
    this.close(code, reason.toString());
  }

  /** For the reader. */
  violated(code: number): void {
    this.peerDone = true;
    this.stream.resume();
    if (this.open) this.close(code);
    else this.hangUp();
    this.listener?.violated();
  }

  private ended(): void {
    this.readToTheEnd();
    this.open = false;
    this.hangUp();
  }

  private gone(): void {
    this.readToTheEnd();
    this.reader.end();
    this.open = false;
    this.writer.clear();
    this.cut?.cancel();
    const { listener } = this;
    this.listener = undefined;
    listener?.closed();
  }

  /** What was held back is said now: nobody could hear it later. */
  private readToTheEnd(): void {
    this.peerDone = true;
    this.reader.release();
  }

  private hangUp(): void {
    this.writer.flush();
    this.stream.end();
    this.cutLater();
  }

  private cutLater(): void {
    const { clock, closeMs } = this.options;
    this.cut ??= clock.after(closeMs, () => this.terminate());
  }
}
