import { GatewayError } from '../core/errors.js';
import { isObject, type Span } from '../core/json.js';
import { Params } from '../core/message.js';
import { isLogLevel } from './log-level.js';
import { METHODS } from './methods.js';
import { referenceOf } from './subject.js';

const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;

/** What is wrong with the params of one method, in words; undefined when nothing is. */
type Check = (params: Params) => string | undefined;

const CHECKS: ReadonlyMap<string, Check> = new Map([
  ['initialize', initializeProblem],
  ['prompts/get', promptProblem],
  ['completion/complete', completionProblem],
  ['logging/setLevel', levelProblem],
]);

const NOTHING = new Params(Buffer.from('{}'), {});

/**
 * What is wrong with the params of a request, as `protocol_invalid_params`; undefined when nothing is. Checks
 * what the gateway itself relies on: the rest is for the server to judge. Params of `tools/call` and
 * `resources/read` are not parsed for it.
 */
export function checkParams(method: string, params: Params | undefined): GatewayError | undefined {
  const given = params ?? NOTHING;
  const problem = memberProblem(method, given) ?? CHECKS.get(method)?.(given);
  return problem === undefined ? undefined : new GatewayError('protocol_invalid_params', problem);
}

/** What the first byte of each member tells. */
function memberProblem(method: string, params: Params): string | undefined {
  const { spans } = params;
  const known = METHODS.get(method);
  if (known?.namedBy === 'name' && !isText(params, spans.name, 1)) return 'name is not a string with something in it';
  if (known?.namedBy === 'uri' && !isText(params, spans.uri, 1)) return 'uri is not a string with something in it';
  if (known?.namedBy === 'name' && spans.arguments && params.bytes[spans.arguments[0]] !== OPEN_BRACE) {
    return 'arguments is not an object';
  }
  return known?.list && spans.cursor && !isText(params, spans.cursor) ? 'cursor is not a string' : undefined;
}

function isText({ bytes }: Params, span: Span | undefined, atLeast = 0): boolean {
  return span !== undefined && bytes[span[0]] === QUOTE && span[1] - span[0] - 2 >= atLeast;
}

function initializeProblem(params: Params): string | undefined {
  const { protocolVersion, capabilities, clientInfo } = params.object();
  if (typeof protocolVersion !== 'string') return 'protocolVersion is not a string';
  if (capabilities !== undefined && !isObject(capabilities)) return 'capabilities is not an object';
  return clientInfo !== undefined && !isObject(clientInfo) ? 'clientInfo is not an object' : undefined;
}

function promptProblem(params: Params): string | undefined {
  const values = params.read('arguments');
  return isObject(values) && !Object.values(values).every(isString) ? 'an argument is not a string' : undefined;
}

function completionProblem(params: Params): string | undefined {
  if (!referenceOf(params)) return 'ref is neither a ref/prompt with a name nor a ref/resource with a uri';
  const { argument } = params.object();
  return isObject(argument) && isString(argument['name']) && isString(argument['value'])
    ? undefined
    : 'argument has no name or no value';
}

function levelProblem(params: Params): string | undefined {
  return isLogLevel(params.object()['level']) ? undefined : 'Invalid level';
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}
