import { isUtf8 } from 'node:buffer';

import { splice } from '../../core/json.js';
import type { Incoming, Malformed, ScanLimits } from '../incoming.js';
import { batchOf } from './batch.js';
import { OPEN_BRACE, OPEN_BRACKET } from './characters.js';
import { malformed } from './malformed.js';
import { MESSAGE } from './member.js';
import { messageOf } from './message.js';
import { TOO_DEEP, TOO_MANY } from './outcome.js';
import { Reader } from './reader.js';
import { type Skipper, skipper } from './skipper.js';

/** Reading is recursive; this many levels are far from the end of any stack. */
const DEEPEST = 1_000;

/** Bytes of a frame from which on it is worth to have its objects and arrays copied into the memory of a skipper. */
const LONG = 128;

/** The one that reads everything: a scan is over before another begins. */
const READER = new Reader();

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
  const incoming = scanWith(frame.length >= LONG ? skipper() : undefined, frame, limits);
  // What waits for the next frame must not keep this one.
  READER.release();
  return incoming;
}

/** The same, with what is to step over its objects and arrays; undefined to do that without help. */
export function scanWith(skipper: Skipper | undefined, frame: Buffer, limits: ScanLimits): Incoming {
  if (frame.length > limits.maxBytes) return malformed('message_size', 'message too large');
  if (!isUtf8(frame)) return malformed('utf8', 'not UTF-8');
  const reader = READER;
  reader.begin(frame, limits.maxKeys, skipper);
  const start = reader.space(0);
  const end = stepOver(reader, start, Math.min(limits.maxDepth, DEEPEST));
  if (end < 0) return notJson(end);
  if (reader.space(end) !== frame.length) return notJson(end);
  if (frame[start] === OPEN_BRACE) {
    // Nothing of it reads the same to everybody until the keys are spelled plainly, so it is read again.
    return reader.respelled && !reader.hasRepeated()
      ? scanWith(skipper, splice(frame, reader.respelled), limits)
      : messageOf(reader);
  }
  if (frame[start] !== OPEN_BRACKET) return malformed('message_shape', 'not a JSON-RPC message');
  return limits.batch
    ? batchOf(reader, start, (message) => scanWith(skipper, message, { ...limits, batch: false }))
    : malformed('batch_unsupported', 'Batching is not supported');
}

function stepOver(reader: Reader, start: number, room: number): number {
  if (reader.bytes[start] !== OPEN_BRACE) return reader.value(start, room);
  return room > 0 ? reader.members(start + 1, MESSAGE, room - 1) : TOO_DEEP;
}

function notJson(end: number): Malformed {
  if (end === TOO_DEEP) return malformed('json_depth', 'nested too deeply');
  return end === TOO_MANY ? malformed('json_members', 'too many members in one object') : malformed('json', 'not JSON');
}
