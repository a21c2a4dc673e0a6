import type { McpReply, RequestId } from '../core/message.js';
import { METHODS } from './methods.js';
import { NOTIFICATIONS } from './notifications.js';
import { ReplyFrame } from './reply-frame.js';

/** The id of an error that belongs to no request, where the wire wants one to be there (HTTP bodies). */
export const NULL_ID: Buffer = Buffer.from('null');

const START = Buffer.from('{"jsonrpc":"2.0"');
const START_WITH_ID = Buffer.from('{"jsonrpc":"2.0","id":');
const NOTHING = Buffer.alloc(0);
const ZERO = 0x30;
const END = 0x7d;

/** The member `method` and, where params follow, what stands before them: by method. */
const BARE = new Map<string, Buffer>();
const WITH_PARAMS = new Map<string, Buffer>();
for (const method of [...METHODS.keys(), ...NOTIFICATIONS]) {
  BARE.set(method, memberOf(method, undefined));
  WITH_PARAMS.set(method, memberOf(method, NOTHING));
}

/** A request under an id of ours. */
export function requestFrame(id: RequestId, method: string, params?: Buffer): Buffer {
  const said = isCount(id) ? id : Buffer.from(JSON.stringify(id));
  return frameOf(START_WITH_ID, said, methodMember(method, params), params ?? NOTHING);
}

export function notificationFrame(method: string, params?: Buffer): Buffer {
  return frameOf(START, NOTHING, methodMember(method, params), params ?? NOTHING);
}

/**
 * A reply in one piece, with the id as the asker spelled it.
 *
 * @param id undefined for an error that belongs to no request, on wires that many requests share
 */
export function replyFrame(id: Buffer | undefined, reply: McpReply): Buffer {
  return ReplyFrame.of(id, reply).bytes;
}

/**
 * The same message on one line, for wires on which a line is a message. Line breaks are white space in
 * JSON: inside a string they are always escaped.
 */
export function oneLine(frame: Buffer): Buffer {
  if (!frame.includes(0x0a) && !frame.includes(0x0d)) return frame;
  return Buffer.from(frame.map((byte) => (byte === 0x0a || byte === 0x0d ? 0x20 : byte)));
}

function methodMember(method: string, params: Buffer | undefined): Buffer {
  return (params ? WITH_PARAMS : BARE).get(method) ?? memberOf(method, params);
}

function memberOf(method: string, params: Buffer | undefined): Buffer {
  return Buffer.from(`,"method":${JSON.stringify(method)}${params ? ',"params":' : ''}`);
}

/** All of it in one piece, and in one copy. @param id its bytes, or a whole number that is not negative */
function frameOf(start: Buffer, id: Buffer | number, member: Buffer, body: Buffer): Buffer {
  const idAt = start.length;
  const memberAt = idAt + (typeof id === 'number' ? digitsOf(id) : id.length);
  const bodyAt = memberAt + member.length;
  const frame = Buffer.allocUnsafe(bodyAt + body.length + 1);
  frame.set(start, 0);
  if (typeof id === 'number') writeDigits(frame, id, memberAt);
  else frame.set(id, idAt);
  frame.set(member, memberAt);
  frame.set(body, bodyAt);
  frame[bodyAt + body.length] = END;
  return frame;
}

function isCount(id: RequestId): id is number {
  return typeof id === 'number' && id >= 0 && Number.isSafeInteger(id);
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits++;
  return digits;
}

/** @param end the byte after the last digit */
function writeDigits(frame: Buffer, value: number, end: number): void {
  let rest = value;
  let at = end;
  do {
    const tens = Math.floor(rest / 10);
    frame[--at] = ZERO + rest - 10 * tens;
    rest = tens;
  } while (rest > 0);
}
