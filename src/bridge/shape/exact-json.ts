import { JsonBytes, type JsonObject, type JsonValue } from '../../core/json.js';

/** What the language has and its type library does not yet: numbers as they were spelled. */
interface ExactJson {
  parse(
    text: string,
    reviver: (key: string, value: JsonValue, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
}

const EXACT = JSON as unknown as ExactJson;

/**
 * The value of JSON, to be put together anew by `exactBytes`: numbers that JavaScript would change keep their
 * spelling. Do not calculate with its numbers.
 */
export function parseExact({ bytes }: JsonBytes): JsonValue {
  return EXACT.parse(bytes.toString(), (_key, value, { source }) =>
    typeof value === 'number' && String(value) !== source ? EXACT.rawJSON(source as string) : value,
  ) as JsonValue;
}

/** Whether a value of `parseExact` is a number whose spelling is kept, which looks like an object. */
export function isExactNumber(value: JsonValue): boolean {
  return EXACT.isRawJSON(value);
}

/** The bytes of a value of `parseExact`. */
export function exactBytes(value: JsonObject): JsonBytes {
  return new JsonBytes(Buffer.from(JSON.stringify(value)));
}

/** The list with each item replaced; the very same list when none of them was. */
export function replaced(
  list: readonly JsonValue[],
  replace: (item: JsonValue) => JsonValue,
): readonly JsonValue[] | JsonValue[] {
  const items = list.map(replace);
  return items.every((item, index) => item === list[index]) ? list : items;
}
