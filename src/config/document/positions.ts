import type { KeyPath } from '../../extension/index.js';

/** Both count from 1; a column is a UTF-16 unit, as editors count. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where each key of a text stands. */
export class Positions {
  private readonly lineStarts: number[] = [0];
  private readonly offsets = new Map<string, number>();

  constructor(text: string) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.lineStarts.push(at + 1);
  }

  /** Notes where a key stands; the first time counts. */
  note(path: KeyPath, offset: number): void {
    const key = JSON.stringify(path);
    if (!this.offsets.has(key)) this.offsets.set(key, offset);
  }

  /** Where a key stands, or else the nearest table around it; the start of the text when nothing is known. */
  find(path: KeyPath): Position {
    return this.at(this.offsetOf(path));
  }

  /** As `find`, counted from the start of the text. */
  offsetOf(path: KeyPath): number {
    for (let length = path.length; length > 0; length--) {
      const offset = this.offsets.get(JSON.stringify(path.slice(0, length)));
      if (offset !== undefined) return offset;
    }
    return 0;
  }

  at(offset: number): Position {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - this.lineStarts[low]! + 1 };
  }
}
