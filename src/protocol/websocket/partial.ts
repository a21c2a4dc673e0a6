import { GatheredBytes } from '../../core/gathered-bytes.js';
import { mask } from './mask.js';
import { OPCODE } from './opcode.js';

/** A frame whose head was read and whose payload is not whole yet. */
export class PartialFrame {
  private readonly payload = new GatheredBytes();

  /**
   * @param first its first byte
   * @param key 0 where it is not masked
   * @param missing how much of the payload is still to come
   */
  constructor(
    readonly first: number,
    private readonly key: number,
    private missing: number,
  ) {}

  get isWhole(): boolean {
    return this.missing === 0;
  }

  /** Takes what is its own of a chunk, from a position on. Returns the position after that. */
  take(chunk: Buffer, start: number): number {
    const end = Math.min(chunk.length, start + this.missing);
    this.missing -= end - start;
    this.payload.push(chunk.subarray(start, end));
    return end;
  }

  /** The payload, once it is whole. */
  unmasked(): Buffer {
    const whole = this.payload.take();
    mask(whole, 0, whole.length, this.key);
    return whole;
  }
}

/** A message that comes in several frames, as far as it is here. */
export class PartialMessage {
  readonly opcode: number;
  private readonly fragments = new GatheredBytes();
  private frames = 0;

  /** @param first the first byte of its first frame */
  constructor(first: number) {
    this.opcode = first & OPCODE;
  }

  /** How many frames it was so far. */
  get count(): number {
    return this.frames;
  }

  get bytes(): number {
    return this.fragments.length;
  }

  push(payload: Buffer): void {
    this.frames++;
    if (payload.length > 0) this.fragments.push(payload);
  }

  whole(): Buffer {
    return this.fragments.take();
  }
}
