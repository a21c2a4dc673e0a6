import type { Incoming, IncomingBatch, Malformed, MessageId } from '../incoming.js';
import { METHODS } from '../methods.js';
import { NOTIFICATIONS } from '../notifications.js';
import { readId, readStringOrInteger, readText } from './id.js';
import { OPEN_BRACE, QUOTE } from './characters.js';
import { malformed } from './malformed.js';
import { Slot } from './member.js';
import { NameTable } from './name-table.js';
import { paramsAt } from './params.js';
import type { Reader } from './reader.js';
import { replyOf } from './reply.js';

export type Message = Exclude<Incoming, IncomingBatch>;

const MAX_METHOD_LENGTH = 128;
const VERSION = new NameTable([['2.0', true]]);
const METHOD_NAMES = new NameTable([...METHODS.keys(), ...NOTIFICATIONS].map((name) => [name, name] as const));

/** What the object is that a reader has stepped over: shape rules of JSON-RPC 2.0 and of MCP. */
export function messageOf(reader: Reader): Message {
  const hasId = reader.has(Slot.id);
  const id =
    hasId && !reader.hasRepeated(Slot.id)
      ? readId(reader.bytes, reader.start(Slot.id), reader.end(Slot.id))
      : undefined;
  if (reader.hasRepeated()) return malformed('member_twice', 'a member stands in it twice', id);
  if (!isVersion2(reader)) return malformed('jsonrpc_version', 'jsonrpc is not "2.0"', id);
  if (!reader.has(Slot.method)) return replyOf(reader, id);
  if (hasId && !id) return malformed('request_id', 'the id is neither a string nor an integer');
  return callOf(reader, id);
}

function isVersion2(reader: Reader): boolean {
  if (!reader.has(Slot.jsonrpc)) return false;
  const start = reader.start(Slot.jsonrpc);
  if (reader.bytes[start] !== QUOTE) return false;
  if (VERSION.find(reader.bytes, start + 1)) return true;
  return readText(reader.bytes, start, reader.end(Slot.jsonrpc)) === '2.0';
}

/** A request when there is an id, else a notification. */
function callOf(reader: Reader, id: MessageId | undefined): Message {
  if (reader.has(Slot.result) || reader.has(Slot.error)) {
    return malformed('message_shape', 'a message is either a request or a reply', id);
  }
  const method = methodOf(reader);
  if (method === undefined) return malformed('method', 'the method is not a string of at most 128 characters', id);
  const problem = reader.has(Slot.params) ? paramsProblem(reader, id) : undefined;
  if (problem) return problem;
  const params = paramsAt(reader);
  return id ? { kind: 'request', id, method, params } : { kind: 'notification', method, params };
}

function methodOf(reader: Reader): string | undefined {
  const start = reader.start(Slot.method);
  if (reader.bytes[start] !== QUOTE) return undefined;
  const known = METHOD_NAMES.find(reader.bytes, start + 1);
  if (known !== undefined) return known;
  const method = readText(reader.bytes, start, reader.end(Slot.method));
  return method.length <= MAX_METHOD_LENGTH ? method : undefined;
}

function paramsProblem(reader: Reader, id: MessageId | undefined): Malformed | undefined {
  const { bytes } = reader;
  if (bytes[reader.start(Slot.params)] !== OPEN_BRACE) {
    return malformed('params', 'params is not an object', id);
  }
  if (reader.has(Slot.meta) && bytes[reader.start(Slot.meta)] !== OPEN_BRACE) {
    return malformed('meta', '_meta is not an object', id);
  }
  if (!reader.has(Slot.progressToken)) return undefined;
  const token = readStringOrInteger(bytes, reader.start(Slot.progressToken), reader.end(Slot.progressToken));
  return token === undefined
    ? malformed('progress_token', 'progressToken is neither a string nor an integer', id)
    : undefined;
}
