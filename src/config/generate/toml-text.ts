const WIDTH = 110;

/** A plain value in TOML. */
export function tomlValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => tomlValue(item)).join(', ')}]`;
  // A TOML basic string has all the escapes that JSON writes.
  if (typeof value === 'string') return JSON.stringify(value);
  // A TOML float needs its point, and an integer has no exponent.
  if (typeof value === 'number' && Number.isInteger(value)) return String(BigInt(value));
  return String(value);
}

/** A sentence as comment lines of a readable width. */
export function wrapped(sentence: string): string {
  const lines: string[] = [];
  let line = '#';
  for (const word of sentence.split(/\s+/)) {
    if (line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return `${[...lines, line].join('\n')}\n`;
}
