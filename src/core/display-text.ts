/** Control, format and surrogate characters, and the two line separators that are neither. */
const UNSEEN = /[\p{C}\u2028\u2029]+/gu;

/**
 * A name that a stranger chose, fit for a log line or a screen: without control and direction marks,
 * and no longer than so many UTF-16 units.
 */
export function displayText(text: string, limit = 128): string {
  // Cut first, so that the cost does not grow with what was sent.
  return text.slice(0, limit).replaceAll(UNSEEN, ' ');
}
