import type { Incoming, IncomingBatch, Malformed } from '../incoming.js';
import { CLOSE_BRACKET } from './characters.js';
import { malformed } from './malformed.js';
import type { Message } from './message.js';
import type { Reader } from './reader.js';
import { MOST_ROOM } from './skipper.js';

const MAX_MESSAGES = 100;

/**
 * The messages of an array that a reader has found to be JSON. An element that is no message is one that
 * is malformed, and spoils nothing for the others.
 *
 * @param scan reads one element, and takes an array for malformed
 */
export function batchOf(reader: Reader, start: number, scan: (element: Buffer) => Incoming): IncomingBatch | Malformed {
  const elements = elementsOf(reader, start);
  if (elements.length > MAX_MESSAGES) return malformed('batch', `a batch has at most ${MAX_MESSAGES} messages`);
  const messages: Message[] = [];
  for (const element of elements) {
    const message = scan(element);
    // An array in an array is refused by the scan of the element.
    if (message.kind !== 'batch') messages.push(message);
  }
  return messages.length > 0 ? { kind: 'batch', messages } : malformed('batch', 'an empty batch');
}

/** Not more of them than tell that there are too many. */
function elementsOf(reader: Reader, start: number): Buffer[] {
  const elements: Buffer[] = [];
  let at = reader.space(start + 1);
  while (reader.bytes[at] !== CLOSE_BRACKET && elements.length <= MAX_MESSAGES) {
    const end = reader.value(at, MOST_ROOM);
    elements.push(reader.bytes.subarray(at, end));
    // Past the comma, if there is one.
    at = reader.space(end);
    if (reader.bytes[at] !== CLOSE_BRACKET) at = reader.space(at + 1);
  }
  return elements;
}
