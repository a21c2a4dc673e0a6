/** What JSON can say. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue | undefined;
}

/** Where a value stands in a buffer: first byte, and the byte after the last. */
export type Span = readonly [start: number, end: number];

/** Puts other bytes in the place of a span; an empty span inserts, empty bytes delete. */
export interface Splice {
  readonly at: Span;
  readonly bytes: Buffer;
}

let parses = 0;

/** How often JSON of a message was turned into values since the process began. A message that is only forwarded adds nothing. */
export function parseCount(): number {
  return parses;
}

/** The value between two positions of bytes that are valid JSON. */
export function parseJson(bytes: Buffer, start = 0, end: number = bytes.length): JsonValue {
  parses++;
  return JSON.parse(bytes.toString('utf8', start, end)) as JsonValue;
}

/**
 * One JSON value as the bytes it arrived in. It is parsed once, when somebody asks, and written back
 * untouched when nobody does: numbers beyond 2^53, odd spellings and unknown members survive.
 *
 * The bytes must be valid JSON (the scanner has checked them, or `JSON.stringify` wrote them) and must
 * not be changed afterwards.
 */
export class JsonBytes {
  private parsed: JsonValue | undefined;

  constructor(readonly bytes: Buffer) {}

  static of(value: JsonValue): JsonBytes {
    const json = new JsonBytes(Buffer.from(JSON.stringify(value)));
    json.parsed = value;
    return json;
  }

  /** The value. Treat it as frozen: everybody who asks gets the same one. */
  parse(): JsonValue {
    return (this.parsed ??= parseJson(this.bytes));
  }

  /** The value when it is an object; an empty object when it is something else. */
  object(): JsonObject {
    const value = this.parse();
    return isObject(value) ? value : {};
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The bytes with every splice applied. Splices must not overlap; their order does not matter. */
export function splice(bytes: Buffer, splices: readonly Splice[]): Buffer {
  const inOrder = splices.length > 1 ? splices.toSorted((a, b) => a.at[0] - b.at[0]) : splices;
  const parts: Buffer[] = [];
  let done = 0;
  for (const { at, bytes: replacement } of inOrder) {
    parts.push(bytes.subarray(done, at[0]), replacement);
    done = at[1];
  }
  parts.push(bytes.subarray(done));
  return Buffer.concat(parts);
}
