/** Pieces below this size are copied together; a larger one is worth the object that it takes to keep it. */
const SMALL = 1_024;
const BLOCK = 4 * SMALL;
/** A piece that is a smaller part than this of what it was read into would keep too much else alive. */
const PART = 1 / 8;

/**
 * Bytes that arrive in pieces, until they are whole. However small the pieces are, what is held takes
 * little more memory than its bytes: an object for each would take a hundred times as much when a hostile
 * peer sends one byte at a time.
 *
 * The first piece is kept as it is, so what arrives in one piece is never copied.
 */
export class GatheredBytes {
  private held = 0;
  private parts: Buffer[] = [];
  private block: Buffer | undefined;
  /** How far the block is filled, and up to where that is in `parts` already. */
  private filled = 0;
  private taken = 0;

  /** How many bytes are held. */
  get length(): number {
    return this.held;
  }

  /** @param piece must not be changed afterwards */
  push(piece: Buffer): void {
    const copied = this.held > 0 && (piece.length < SMALL || piece.length < piece.buffer.byteLength * PART);
    this.held += piece.length;
    if (copied && piece.length < BLOCK) return this.copy(piece);
    this.flush();
    this.parts.push(copied ? Buffer.from(piece) : piece);
  }

  /** All of it, in one piece. Nothing is held afterwards. */
  take(): Buffer {
    this.flush();
    const { parts, held } = this;
    this.clear();
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, held);
  }

  /** Lets go of what is held. */
  clear(): void {
    this.parts = [];
    this.held = 0;
    this.block = undefined;
    this.filled = this.taken = 0;
  }

  private copy(piece: Buffer): void {
    if (!this.block || this.filled + piece.length > BLOCK) {
      this.flush();
      this.block = Buffer.allocUnsafe(BLOCK);
      this.filled = this.taken = 0;
    }
    this.block.set(piece, this.filled);
    this.filled += piece.length;
  }

  /** Puts what was copied since the last time behind what is there. */
  private flush(): void {
    if (!this.block || this.filled === this.taken) return;
    this.parts.push(this.block.subarray(this.taken, this.filled));
    this.taken = this.filled;
  }
}
