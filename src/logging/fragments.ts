/** The words that a text goes with, from the outside in. */
type Words = readonly (string | undefined)[];

interface Node<T> {
  piece: T | undefined;
  readonly next: Map<string | undefined, Node<T>>;
}

/**
 * Pieces of lines by a few words each. Finding one is a look-up for each word: nothing is joined. When there are too many,
 * all are forgotten.
 */
export class Fragments<T> {
  private root = fresh<T>();
  private count = 0;

  constructor(private readonly most: number) {}

  get size(): number {
    return this.count;
  }

  get(...words: Words): T | undefined {
    let node: Node<T> | undefined = this.root;
    for (let at = 0; at < words.length && node; at++) node = node.next.get(words[at]);
    return node?.piece;
  }

  set(piece: T, ...words: Words): void {
    if (this.count >= this.most) {
      this.root = fresh<T>();
      this.count = 0;
    }
    let node = this.root;
    for (const word of words) {
      const next = node.next.get(word) ?? fresh<T>();
      node.next.set(word, next);
      node = next;
    }
    if (node.piece === undefined) this.count++;
    node.piece = piece;
  }
}

function fresh<T>(): Node<T> {
  return { piece: undefined, next: new Map() };
}
