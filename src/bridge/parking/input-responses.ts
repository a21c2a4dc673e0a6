import { GatewayError } from '../../core/errors.js';
import { JsonBytes } from '../../core/json.js';
import type { Params } from '../../core/message.js';
import { members } from '../../core/walk.js';

const OPEN_BRACE = 0x7b;

/**
 * What a modern client answers, by key, as it wrote it. Nothing where it answers nothing.
 *
 * @throws `protocol_invalid_params` when it is no object of objects
 */
export function inputResponses(params: Params | undefined): ReadonlyMap<string, JsonBytes> {
  const answers = new Map<string, JsonBytes>();
  const at = params?.spans.inputResponses;
  if (!params || !at) return answers;
  const { bytes } = params;
  requireObject(bytes, at[0]);
  for (const { key, value } of members(bytes, at[0])) {
    requireObject(bytes, value[0]);
    answers.set(key, new JsonBytes(bytes.subarray(...value)));
  }
  return answers;
}

function requireObject(bytes: Buffer, at: number): void {
  if (bytes[at] === OPEN_BRACE) return;
  throw new GatewayError('protocol_invalid_params', 'inputResponses must be an object of objects');
}
