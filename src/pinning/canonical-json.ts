import type { JsonValue } from '../core/json.js';

/** A number that JSON can hold and JavaScript cannot: written so that it is read as it was. */
const TOO_LARGE = '1e999';

/** What cannot be seen, or turns round what can: nobody reviews that, unless it is spelled out. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * A value in the one way of all in which it could be written: members in the order of their keys, by UTF-16 units,
 * numbers as JavaScript writes them, no white space.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8785
 */
export function canonicalJson(value: JsonValue): string {
  return written(value, '', '');
}

/** The same for people: one member a line, and every character that cannot be seen as an escape. */
export function readableJson(value: JsonValue, indent = ''): string {
  return visible(written(value, '  ', `\n${indent}`));
}

/** JSON text without a character that cannot be seen. It means the same. */
export function visible(json: string): string {
  return json.replaceAll(UNSEEN, (found) => (found === '\n' ? found : escaped(found)));
}

function escaped(text: string): string {
  return Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join(
    '',
  );
}

function written(value: JsonValue, step: string, line: string): string {
  if (value === Infinity || value === -Infinity) return value > 0 ? TOO_LARGE : `-${TOO_LARGE}`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = line === '' ? '' : line + step;
  const parts = Array.isArray(value)
    ? value.map((item) => written(item, step, inner))
    : Object.keys(value)
        .sort()
        .map((key) => `${JSON.stringify(key)}:${step && ' '}${written(value[key] ?? null, step, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return parts.length === 0 ? `${open}${close}` : `${open}${inner}${parts.join(`,${inner}`)}${line}${close}`;
}
