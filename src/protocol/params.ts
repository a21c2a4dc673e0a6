import { isObject, type Span } from '../core/json.js';
import { Params } from '../core/message.js';
import { answersProblem } from './answers.js';
import { listenProblem } from './listen-filter.js';
import { isLogLevel } from './log-level.js';
import { METHODS } from './methods.js';
import { Violation } from './rules.js';
import { referenceOf } from './subject.js';

const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;

/** What is wrong with the params of one method; undefined when nothing is. */
type Check = (params: Params) => Violation | undefined;

const CHECKS: ReadonlyMap<string, Check> = new Map([
  ['initialize', initializeProblem],
  ['prompts/get', promptProblem],
  ['completion/complete', completionProblem],
  ['logging/setLevel', levelProblem],
  ['subscriptions/listen', listenProblem],
]);

const NOTHING = new Params(Buffer.from('{}'), {});

/**
 * The rule that the params of a request break; undefined when they break none. What the gateway itself relies on
 * comes first: where a rule is told that may be forgiven, none is broken that may not. Params of `tools/call` and
 * `resources/read` are not parsed for it, but for the answers that a modern client brings with them.
 */
export function checkParams(method: string, params: Params | undefined): Violation | undefined {
  const given = params ?? NOTHING;
  return memberProblem(method, given) ?? CHECKS.get(method)?.(given);
}

/** What the first byte of each member tells. */
function memberProblem(method: string, params: Params): Violation | undefined {
  const { spans } = params;
  const known = METHODS.get(method);
  const { namedBy } = known ?? {};
  if (namedBy !== undefined && namedBy !== 'ref' && !isText(params, spans[namedBy], 1)) {
    return new Violation('subject', `${namedBy} is not a string with something in it`);
  }
  const problem = answersProblem(method, params);
  if (problem) return problem;
  if (namedBy === 'name' && spans.arguments && params.bytes[spans.arguments[0]] !== OPEN_BRACE) {
    return new Violation('arguments', 'arguments is not an object');
  }
  const isCursor = !known?.list || !spans.cursor || isText(params, spans.cursor);
  return isCursor ? undefined : new Violation('cursor', 'cursor is not a string');
}

function isText({ bytes }: Params, span: Span | undefined, atLeast = 0): boolean {
  return span !== undefined && bytes[span[0]] === QUOTE && span[1] - span[0] - 2 >= atLeast;
}

function initializeProblem(params: Params): Violation | undefined {
  const { protocolVersion, capabilities, clientInfo } = params.object();
  if (typeof protocolVersion !== 'string') return new Violation('introduction', 'protocolVersion is not a string');
  if (capabilities !== undefined && !isObject(capabilities)) {
    return new Violation('introduction', 'capabilities is not an object');
  }
  const isFit = clientInfo === undefined || isObject(clientInfo);
  return isFit ? undefined : new Violation('introduction', 'clientInfo is not an object');
}

function promptProblem(params: Params): Violation | undefined {
  const values = params.read('arguments');
  const isFit = !isObject(values) || Object.values(values).every(isString);
  return isFit ? undefined : new Violation('prompt_argument', 'an argument is not a string');
}

function completionProblem(params: Params): Violation | undefined {
  if (!referenceOf(params)) {
    return new Violation('subject', 'ref is neither a ref/prompt with a name nor a ref/resource with a uri');
  }
  const { argument } = params.object();
  const isFit = isObject(argument) && isString(argument['name']) && isString(argument['value']);
  return isFit ? undefined : new Violation('completion_argument', 'argument has no name or no value');
}

function levelProblem(params: Params): Violation | undefined {
  return isLogLevel(params.object()['level']) ? undefined : new Violation('log_level', 'Invalid level');
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}
