import { isObject, type JsonObject, type JsonValue } from '../../../core/json.js';

const KINDS: ReadonlySet<unknown> = new Set(['sampling/createMessage', 'elicitation/create', 'roots/list']);
const MODES: ReadonlySet<unknown> = new Set([undefined, 'form', 'url']);

/**
 * Whether an `input_required` result asks for something, and for nothing but what clients of this revision may be
 * asked for. Whether this client declared it is for those to judge who know what it is to be told otherwise.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client
 */
export function asksWhatMayBeAsked({ inputRequests, requestState }: JsonObject): boolean {
  if (requestState !== undefined && typeof requestState !== 'string') return false;
  if (inputRequests === undefined) return requestState !== undefined;
  if (!isObject(inputRequests)) return false;
  const inputs = Object.values(inputRequests);
  return (inputs.length > 0 || requestState !== undefined) && inputs.every(mayBeAsked);
}

function mayBeAsked(input: JsonValue | undefined): boolean {
  if (!isObject(input) || !KINDS.has(input['method'])) return false;
  const { params } = input;
  return input['method'] !== 'elicitation/create' || !isObject(params) || MODES.has(params['mode']);
}
