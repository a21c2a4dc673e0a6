/** The words that a text goes with, from the outside in. */
type Words = readonly (string | undefined)[];

interface Node {
  text: string | undefined;
  readonly next: Map<string | undefined, Node>;
}

/**
 * Texts by a few words each. Finding one is a look-up for each word: nothing is joined. When there are too many,
 * all are forgotten.
 */
export class Fragments {
  private root = fresh();
  private count = 0;

  constructor(private readonly most: number) {}

  get size(): number {
    return this.count;
  }

  get(...words: Words): string | undefined {
    let node: Node | undefined = this.root;
    for (let at = 0; at < words.length && node; at++) node = node.next.get(words[at]);
    return node?.text;
  }

  set(text: string, ...words: Words): void {
    if (this.count >= this.most) {
      this.root = fresh();
      this.count = 0;
    }
    let node = this.root;
    for (const word of words) {
      const next = node.next.get(word) ?? fresh();
      node.next.set(word, next);
      node = next;
    }
    if (node.text === undefined) this.count++;
    node.text = text;
  }
}

function fresh(): Node {
  return { text: undefined, next: new Map() };
}
