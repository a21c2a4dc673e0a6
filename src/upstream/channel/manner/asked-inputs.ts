import { isObject, type JsonObject, type JsonValue } from '../../../core/json.js';

/** By method of an input request, the capability that a client must have declared for it. */
const CAPABILITY: ReadonlyMap<JsonValue | undefined, string> = new Map([
  ['sampling/createMessage', 'sampling'],
  ['elicitation/create', 'elicitation'],
  ['roots/list', 'roots'],
]);

/**
 * Whether an `input_required` result asks for something, and for nothing but what was declared.
 *
 * @param declares what the server was told that the client can do
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client
 */
export function asksWhatMayBeAsked({ inputRequests, requestState }: JsonObject, declares: JsonObject): boolean {
  if (requestState !== undefined && typeof requestState !== 'string') return false;
  if (inputRequests === undefined) return requestState !== undefined;
  if (!isObject(inputRequests)) return false;
  const inputs = Object.values(inputRequests);
  return (inputs.length > 0 || requestState !== undefined) && inputs.every((input) => mayBeAsked(input, declares));
}

function mayBeAsked(input: JsonValue | undefined, declares: JsonObject): boolean {
  if (!isObject(input)) return false;
  const declared = declares[CAPABILITY.get(input['method']) ?? ''];
  if (!isObject(declared)) return false;
  return input['method'] !== 'elicitation/create' || modeIsKnown(input['params'], declared);
}

/** Forms are what elicitation is when nothing else is said of it, on either side. */
function modeIsKnown(params: JsonValue | undefined, declared: JsonObject): boolean {
  const mode = isObject(params) ? (params['mode'] ?? 'form') : 'form';
  if (mode === 'url') return declared['url'] !== undefined;
  return mode === 'form' && (declared['form'] !== undefined || declared['url'] === undefined);
}
