/** The values of three labels, in the order the metric lists them. */
export type LabelTriple = readonly [string, string, string | number];

interface Cell {
  count: number;
}

/**
 * Counts by three labels. Adding one is three look-ups and an addition: no string is built, nothing is
 * hashed but the labels themselves.
 */
export class Tally {
  private readonly rows = new Map<string, Map<string, Map<string | number, Cell>>>();

  add(first: string, second: string, third: string | number): void {
    const cell = this.rows.get(first)?.get(second)?.get(third);
    if (cell) cell.count++;
    else this.open(first, second).set(third, { count: 1 });
  }

  /** Forgets every count that begins with these two. */
  remove(first: string, second: string): void {
    this.rows.get(first)?.delete(second);
  }

  *entries(): Iterable<[LabelTriple, number]> {
    for (const [first, row] of this.rows) {
      for (const [second, cells] of row) {
        for (const [third, { count }] of cells) yield [[first, second, third], count];
      }
    }
  }

  private open(first: string, second: string): Map<string | number, Cell> {
    const row = this.rows.get(first) ?? new Map<string, Map<string | number, Cell>>();
    const cells = row.get(second) ?? new Map<string | number, Cell>();
    this.rows.set(first, row.set(second, cells));
    return cells;
  }
}
