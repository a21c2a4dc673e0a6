import { isObject } from '../core/json.js';
import type { Params } from '../core/message.js';
import { claimsModern } from './envelope.js';
import { Violation } from './rules.js';

/** Methods that a server may answer with a question, and the one by which a task gets its answers. */
const ANSWERING: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read', 'tasks/update']);

/** Bytes of a state as it is spelled, without its quotes: 64 KB of a server's own take as many when they are sealed. */
const MAX_STATE_BYTES = 98_304;
const QUOTE = 0x22;

/**
 * What is wrong with the answers that a modern request brings, and with the state that belongs to them; undefined
 * when nothing is. To legacy requests these members mean nothing.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic
 */
export function answersProblem(method: string, params: Params): Violation | undefined {
  const { inputResponses, requestState } = params.spans;
  if (!inputResponses && !requestState) return undefined;
  if (!ANSWERING.has(method) || !claimsModern(params)) return undefined;
  if (inputResponses) {
    const answers = params.read('inputResponses');
    if (!isObject(answers) || !Object.values(answers).every(isObject)) {
      return new Violation('input_responses', 'inputResponses is not an object of objects');
    }
  }
  if (!requestState) return undefined;
  const [start, end] = requestState;
  const isFit = params.bytes[start] === QUOTE && end - start - 2 <= MAX_STATE_BYTES;
  return isFit
    ? undefined
    : new Violation('request_state', `requestState is not a string of at most ${MAX_STATE_BYTES} bytes`);
}
