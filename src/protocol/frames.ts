import type { McpReply, RequestId } from '../core/message.js';
import { METHODS } from './methods.js';
import { NOTIFICATIONS } from './notifications.js';

/** The id of an error that belongs to no request, where the wire wants one to be there (HTTP bodies). */
export const NULL_ID: Buffer = Buffer.from('null');

const START = Buffer.from('{"jsonrpc":"2.0"');
const START_WITH_ID = Buffer.from('{"jsonrpc":"2.0","id":');
const PARAMS = Buffer.from(',"params":');
const KINDS = { result: Buffer.from(',"result":'), error: Buffer.from(',"error":') } as const;
const END = Buffer.from('}');

const KNOWN: ReadonlyMap<string, Buffer> = new Map(
  [...METHODS.keys(), ...NOTIFICATIONS].map((method) => [method, memberOf(method)]),
);

/** A request under an id of ours. */
export function requestFrame(id: RequestId, method: string, params?: Buffer): Buffer {
  const said = Buffer.from(typeof id === 'number' ? String(id) : JSON.stringify(id));
  const member = KNOWN.get(method) ?? memberOf(method);
  return params ? join([START_WITH_ID, said, member, PARAMS, params, END]) : join([START_WITH_ID, said, member, END]);
}

export function notificationFrame(method: string, params?: Buffer): Buffer {
  const member = KNOWN.get(method) ?? memberOf(method);
  return params ? join([START, member, PARAMS, params, END]) : join([START, member, END]);
}

/**
 * A reply, with the id as the asker spelled it.
 *
 * @param id undefined for an error that belongs to no request, on wires that many requests share
 */
export function replyFrame(id: Buffer | undefined, { kind, json }: McpReply): Buffer {
  return id ? join([START_WITH_ID, id, KINDS[kind], json.bytes, END]) : join([START, KINDS[kind], json.bytes, END]);
}

/**
 * The same message on one line, for wires on which a line is a message. Line breaks are white space in
 * JSON: inside a string they are always escaped.
 */
export function oneLine(frame: Buffer): Buffer {
  if (!frame.includes(0x0a) && !frame.includes(0x0d)) return frame;
  return Buffer.from(frame.map((byte) => (byte === 0x0a || byte === 0x0d ? 0x20 : byte)));
}

function memberOf(method: string): Buffer {
  return Buffer.from(`,"method":${JSON.stringify(method)}`);
}

/** As `Buffer.concat`, in half the time for small frames. */
function join(parts: readonly Buffer[]): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  const frame = Buffer.allocUnsafe(length);
  let at = 0;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}
