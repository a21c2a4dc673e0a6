/** A line that is only in one of two texts, or in both. */
export interface ComparedLine {
  readonly sign: '-' | '+' | ' ';
  readonly text: string;
}

/** Beyond so many comparisons of lines, everything between the first and the last difference counts as replaced. */
const MOST_CELLS = 4_000_000;

/** How two texts differ, line by line: as little as possible is told apart. */
export function lineDifference(before: readonly string[], after: readonly string[]): ComparedLine[] {
  let start = 0;
  while (start < Math.min(before.length, after.length) && before[start] === after[start]) start++;
  let end = 0;
  const shortest = Math.min(before.length, after.length) - start;
  while (end < shortest && before.at(-1 - end) === after.at(-1 - end)) end++;
  const gone = before.slice(start, before.length - end);
  const come = after.slice(start, after.length - end);
  return [
    ...signed(' ', before.slice(0, start)),
    ...middle(gone, come),
    ...signed(' ', before.slice(before.length - end)),
  ];
}

/** By the longest sequence of lines that is in both. */
function middle(gone: readonly string[], come: readonly string[]): ComparedLine[] {
  if (gone.length * come.length > MOST_CELLS) return [...signed('-', gone), ...signed('+', come)];
  const width = come.length + 1;
  const longest = new Uint16Array((gone.length + 1) * width);
  const at = (row: number, column: number): number => longest[row * width + column] ?? 0;
  for (let row = gone.length - 1; row >= 0; row--) {
    for (let column = come.length - 1; column >= 0; column--) {
      longest[row * width + column] =
        gone[row] === come[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: ComparedLine[] = [];
  let [row, column] = [0, 0];
  while (row < gone.length || column < come.length) {
    const [old = '', young = ''] = [gone[row], come[column]];
    if (row < gone.length && column < come.length && old === young) {
      lines.push({ sign: ' ', text: old });
      row++;
      column++;
    } else if (column >= come.length || (row < gone.length && at(row + 1, column) >= at(row, column + 1))) {
      lines.push({ sign: '-', text: old });
      row++;
    } else {
      lines.push({ sign: '+', text: young });
      column++;
    }
  }
  return lines;
}

function signed(sign: ComparedLine['sign'], lines: readonly string[]): ComparedLine[] {
  return lines.map((text) => ({ sign, text }));
}
