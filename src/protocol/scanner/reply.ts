import { isObject, JsonBytes } from '../../core/json.js';
import type { McpError } from '../../core/message.js';
import type { IncomingReply, Malformed, MessageId } from '../incoming.js';
import { OPEN_BRACE } from './characters.js';
import { malformed } from './malformed.js';
import { Slot } from './member.js';
import type { Reader } from './reader.js';

/** A message without a method: with an id and either a result or an error it is a reply. */
export function replyOf(reader: Reader, id: MessageId | undefined): IncomingReply | Malformed {
  const hasResult = reader.has(Slot.result);
  if (hasResult === reader.has(Slot.error)) {
    return malformed('message_shape', 'neither a method, a result nor an error, or too many of them', id);
  }
  if (!hasResult) return errorOf(reader, id);
  if (!id) return malformed('request_id', 'the id is neither a string nor an integer');
  if (reader.bytes[reader.start(Slot.result)] !== OPEN_BRACE) {
    return malformed('result', 'the result is not an object', id);
  }
  return { kind: 'reply', id, reply: { kind: 'result', json: new JsonBytes(reader.view(Slot.result)) } };
}

/** Errors are rare and small, so they are simply parsed. */
function errorOf(reader: Reader, id: MessageId | undefined): IncomingReply | Malformed {
  const reply: McpError = { kind: 'error', json: new JsonBytes(reader.view(Slot.error)) };
  const error = reply.json.parse();
  if (!isObject(error) || !Number.isSafeInteger(error['code']) || typeof error['message'] !== 'string') {
    return malformed('error', 'the error has no integer code or no message', id);
  }
  if (id) return { kind: 'reply', id, reply };
  return { ...malformed('error', 'the error belongs to no request'), orphan: reply };
}
