/**
 * A pattern in which `*` stands for any text, none included; every other character stands for itself, in its case.
 * Pieces are looked for from left to right and never again, so that no text makes a match slow.
 */
export class Glob {
  private readonly head: string;
  private readonly middle: readonly string[];
  /** Undefined where the pattern has no `*`: then it is all in `head`. */
  private readonly tail: string | undefined;

  constructor(pattern: string) {
    const [head = '', ...rest] = pattern.split('*');
    this.head = head;
    this.tail = rest.pop();
    this.middle = rest.filter((piece) => piece !== '');
  }

  matches(text: string): boolean {
    const { head, tail } = this;
    if (tail === undefined) return text === head;
    const end = text.length - tail.length;
    if (end < head.length || !text.startsWith(head) || !text.endsWith(tail)) return false;
    let at = head.length;
    for (const piece of this.middle) {
      const found = text.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  }
}

/** Several patterns, of which one has to match. */
export class Globs {
  private readonly globs: readonly Glob[];

  constructor(patterns: readonly string[]) {
    this.globs = patterns.map((pattern) => new Glob(pattern));
  }

  /** Undefined, which matches nothing, is said where an optional dimension is left out. */
  static of(patterns: readonly string[] | undefined): Globs | undefined {
    return patterns && new Globs(patterns);
  }

  matches(text: string | undefined): boolean {
    return text !== undefined && this.globs.some((glob) => glob.matches(text));
  }
}
