import { isUtf8 } from 'node:buffer';

import { splice } from '../../core/json.js';
import type { Incoming, Malformed, ScanLimits } from '../incoming.js';
import { batchOf } from './batch.js';
import { OPEN_BRACE, OPEN_BRACKET, TOO_DEEP, TOO_MANY } from './lexer.js';
import { malformed } from './malformed.js';
import { MESSAGE } from './member.js';
import { messageOf } from './message.js';
import { Reader } from './reader.js';

/** Reading is recursive; this many levels are far from the end of any stack. */
const DEEPEST = 1_000;

/**
 * What one frame is, found in one pass that checks everything (UTF-8, JSON, size, depth, the shape of
 * JSON-RPC) and builds nothing of what it steps over. Never throws.
 *
 * A member that is read and stands there twice is refused, so that nobody behind us can read another
 * message than we did; one whose key is written with escapes is spelled plainly in the bytes that are
 * passed on. Everything else stays as it came, byte for byte: the views in the answer are of the frame.
 *
 * @param frame must not be changed afterwards
 */
export function scan(frame: Buffer, limits: ScanLimits): Incoming {
  if (frame.length > limits.maxBytes) return malformed('message_size', 'message too large');
  if (!isUtf8(frame)) return malformed('utf8', 'not UTF-8');
  const reader = new Reader(frame, limits.maxKeys);
  const start = reader.space(0);
  const end = stepOver(reader, start, Math.min(limits.maxDepth, DEEPEST));
  if (end < 0) return notJson(end);
  if (reader.space(end) !== frame.length) return notJson(end);
  if (frame[start] === OPEN_BRACE) return reader.respelled ? respelled(reader, limits) : messageOf(reader);
  if (frame[start] !== OPEN_BRACKET) return malformed('message_shape', 'not a JSON-RPC message');
  return limits.batch
    ? batchOf(reader, start, (message) => scan(message, { ...limits, batch: false }))
    : malformed('batch_unsupported', 'Batching is not supported');
}

function stepOver(reader: Reader, start: number, room: number): number {
  if (reader.bytes[start] !== OPEN_BRACE) return reader.value(start, room);
  return room > 0 ? reader.members(start + 1, MESSAGE, room - 1) : TOO_DEEP;
}

/** Nothing of it reads the same to everybody until the keys are spelled plainly, so it is read again. */
function respelled(reader: Reader, limits: ScanLimits): Incoming {
  if (reader.hasRepeated()) return messageOf(reader);
  return scan(splice(reader.bytes, reader.respelled ?? []), limits);
}

function notJson(end: number): Malformed {
  if (end === TOO_DEEP) return malformed('json_depth', 'nested too deeply');
  return end === TOO_MANY ? malformed('json_members', 'too many members in one object') : malformed('json', 'not JSON');
}
