/** What a block has room for at first. Bytes. */
const ROOM = 16 * 1_024;
/** A block that had to become larger than this gives it back. Bytes. */
const KEPT = 256 * 1_024;
/** Texts up to this length are written unit by unit: a call of native code takes longer. */
const SHORT = 32;
/** UTF-8 takes at most so many bytes for a UTF-16 unit. */
const WIDEST = 3;

/** Lines on their way out, one after the other, as the bytes that they will be: nothing is joined and nothing is encoded twice. */
export class LineBlock {
  private bytes = Buffer.allocUnsafeSlow(ROOM);
  private at = 0;
  private count = 0;

  /** @param ended hears of each line that is whole, and how many bytes there are by then */
  constructor(private readonly ended: (length: number) => void = () => undefined) {}

  /** How many lines are whole. */
  get lines(): number {
    return this.count;
  }

  /** More of a line, as it is to be read. */
  piece(bytes: Uint8Array): this {
    this.make(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
    return this;
  }

  /** More of a line, as UTF-8. */
  text(text: string): this {
    const { length } = text;
    this.make(WIDEST * length);
    const { bytes, at } = this;
    if (length > SHORT || !writeAscii(bytes, at, text)) this.at += bytes.write(text, at);
    else this.at += length;
    return this;
  }

  /** The line that was begun is whole, with its line break. */
  end(): void {
    this.count++;
    this.ended(this.at);
  }

  /** All that is there, as a view that is good until more is written; the block is empty afterwards. */
  take(): Buffer {
    const taken = this.bytes.subarray(0, this.at);
    this.at = this.count = 0;
    if (this.bytes.length > KEPT) this.bytes = Buffer.allocUnsafeSlow(ROOM);
    return taken;
  }

  private make(room: number): void {
    if (this.at + room <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.at + room));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }
}

/** False when there is anything else in it, whatever was written by then. */
function writeAscii(bytes: Buffer, start: number, text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7f) return false;
    bytes[start + at] = unit;
  }
  return true;
}
