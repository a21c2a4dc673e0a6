import { GatheredBytes } from '../../../core/gathered-bytes.js';

/** A body whose length is known gets its place at once, up to this size: nobody shall have more of ours by a promise. */
const AT_ONCE_BYTES = 2 * 1_024 * 1_024;

/** The body of one response, copied once out of what was read. */
export class ReplyBody {
  private whole: Buffer | undefined;
  private filled = 0;
  private gathered: GatheredBytes | undefined;

  /** @param length of all of it, where that is known */
  constructor(private readonly expected: number | undefined) {}

  get length(): number {
    return this.gathered?.length ?? this.filled;
  }

  /** @param chunk is not kept, nor more of all of them than was expected */
  push(chunk: Buffer): void {
    const { expected } = this;
    if (expected === undefined || expected > AT_ONCE_BYTES) {
      (this.gathered ??= new GatheredBytes()).push(Buffer.from(chunk));
      return;
    }
    this.whole ??= Buffer.allocUnsafe(expected);
    this.whole.set(chunk, this.filled);
    this.filled += chunk.length;
  }

  /** All of it, in one piece. */
  take(): Buffer {
    return this.gathered?.take() ?? this.whole ?? Buffer.alloc(0);
  }
}
