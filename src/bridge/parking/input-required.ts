import { JsonBytes } from '../../core/json.js';
import type { InputRequest, McpResult, Params } from '../../core/message.js';
import { members, stringAt, type Member } from '../../core/walk.js';
import type { KeyedQuestion } from './questions.js';

const NO_PARAMS = Buffer.from('{}');

/**
 * The reply that hands questions of a legacy server to a modern client.
 *
 * @param state what the client has to bring back with its answers
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/utilities/mrtr
 */
export function inputRequired(questions: readonly KeyedQuestion[], state: string): McpResult {
  const parts: Buffer[] = [];
  for (const { key, question } of questions) {
    parts.push(text(`${parts.length === 0 ? '' : ','}${JSON.stringify(key)}:`), inputRequest(question));
  }
  const bytes = Buffer.concat([
    text('{"resultType":"input_required","inputRequests":{'),
    ...parts,
    text(`},"requestState":${JSON.stringify(state)}}`),
  ]);
  return { kind: 'result', type: 'input_required', json: new JsonBytes(bytes) };
}

function inputRequest({ method, params }: InputRequest): Buffer {
  const given = method === 'elicitation/create' ? modernElicitation(params) : params?.bytes;
  if (!given) return text(`{"method":${JSON.stringify(method)}}`);
  return Buffer.concat([text(`{"method":${JSON.stringify(method)},"params":`), given, text('}')]);
}

/** Forms are called so; pages have no ids, because only the next reply says that one is done with. */
function modernElicitation(params: Params | undefined): Buffer {
  const bytes = params?.bytes ?? NO_PARAMS;
  const given = members(bytes);
  const mode = given.find(({ key }) => key === 'mode');
  const isNamed = mode !== undefined && stringAt(bytes, mode.value) !== undefined;
  if (isNamed && !given.some(isLegacy)) return bytes;
  const kept = given.filter((member) => !isLegacy(member) && (isNamed || member !== mode));
  const pieces = kept.map(({ key, value }) => [text(`${JSON.stringify(key)}:`), bytes.subarray(...value)]);
  if (!isNamed) pieces.unshift([text('"mode":"form"')]);
  const separated = pieces.flatMap((piece, index) => (index === 0 ? piece : [text(','), ...piece]));
  return Buffer.concat([text('{'), ...separated, text('}')]);
}

function isLegacy({ key }: Member): boolean {
  return key === 'elicitationId';
}

function text(of: string): Buffer {
  return Buffer.from(of);
}
