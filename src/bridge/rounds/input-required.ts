import { GatewayError } from '../../core/errors.js';
import type { Span } from '../../core/json.js';
import type { McpReply, McpResult, Params } from '../../core/message.js';
import { members, stringAt, valuesOf } from '../../core/walk.js';
import { readParams } from '../../protocol/index.js';
import { ASKING } from '../shape/modern-reply.js';

const OPEN_BRACE = 0x7b;

/** What servers may ask clients for. */
const KINDS: ReadonlySet<string> = new Set(['sampling/createMessage', 'elicitation/create', 'roots/list']);

/** How much may be asked for at once. */
const MAX_QUESTIONS = 64;

/** One of the `inputRequests` of a result. */
export interface KeyedRequest {
  readonly key: string;
  readonly method: string;
  readonly params: Params | undefined;
  /** Where the params stand in the result. */
  readonly at: Span | undefined;
}

/** A result by which a modern server asks for something before it goes on. */
export interface InputRequired {
  /** None where the request is just to be sent again. */
  readonly requests: readonly KeyedRequest[];
  /** What is to be brought back with the answers. */
  readonly state: string | undefined;
  /** Where it stands. */
  readonly stateAt: readonly Span[];
}

/** Its `requestState` and `inputRequests` are yet to be read. */
export type AskingResult = McpResult & { readonly type: 'input_required' };

/** Whether a server needs something before it goes on, and may say so in reply to this method. */
export function isInputRequired(method: string, reply: McpReply): reply is AskingResult {
  return reply.kind === 'result' && reply.type === 'input_required' && ASKING.has(method);
}

/**
 * What a server asks for.
 *
 * @throws `upstream_protocol_error` where that cannot be understood
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/utilities/mrtr
 */
export function readInputRequired({ json }: AskingResult): InputRequired {
  const { bytes } = json;
  const asked = valuesOf(bytes, 'inputRequests').at(-1);
  const requests = asked ? requestsIn(bytes, asked[0]) : [];
  const stateAt = valuesOf(bytes, 'requestState');
  const last = stateAt.at(-1);
  const state = last && stringAt(bytes, last);
  if (last && state === undefined) throw senseless();
  if (requests.length === 0 && state === undefined) throw senseless();
  return { requests, state, stateAt };
}

function requestsIn(bytes: Buffer, start: number): KeyedRequest[] {
  if (bytes[start] !== OPEN_BRACE) throw senseless();
  const found = new Map<string, KeyedRequest>();
  for (const { key, value } of members(bytes, start)) found.set(key, requestAt(bytes, key, value[0]));
  if (found.size > MAX_QUESTIONS) {
    throw new GatewayError('upstream_protocol_error', 'the server asks for too much at once');
  }
  return Array.from(found.values());
}

function requestAt(bytes: Buffer, key: string, start: number): KeyedRequest {
  const named = valuesOf(bytes, 'method', start).at(-1);
  const method = named && stringAt(bytes, named);
  const at = valuesOf(bytes, 'params', start).at(-1);
  if (method === undefined || !KINDS.has(method) || (at && bytes[at[0]] !== OPEN_BRACE)) throw senseless();
  return { key, method, params: at && readParams(bytes.subarray(at[0], at[1])), at };
}

function senseless(): GatewayError {
  return new GatewayError('upstream_protocol_error', 'the server asks for input in a way that makes no sense');
}
