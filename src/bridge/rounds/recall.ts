import { isObject, type JsonObject, type JsonValue } from '../../core/json.js';
import { result, type McpError, type McpResult, type Params } from '../../core/message.js';
import { inputResponses } from '../parking/input-responses.js';
import { ErrorCode, mayBe } from '../shape/error-codes.js';
import { parseExact } from '../shape/exact-json.js';
import type { Recall } from '../state/continuation.js';

/** What a client that was asked to open pages says of it: go on, no, or nothing yet of some of them. */
export type RecallAnswer = 'accepted' | 'declined' | Recall;

/**
 * The pages that a legacy server wants opened before the request is sent to it again: for modern clients a question
 * like any other. Undefined where the error says something else.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation#url-elicitation-required-error
 */
export function pagesWanted(error: McpError): Recall | undefined {
  if (!mayBe(error, ErrorCode.urlElicitation)) return undefined;
  const said = parseExact(error.json);
  if (!isObject(said) || said['code'] !== ErrorCode.urlElicitation || !isObject(said['data'])) return undefined;
  const { elicitations } = said['data'];
  const pages = Array.isArray(elicitations) ? elicitations.flatMap(pageOf) : [];
  return pages.length > 0 ? { typ: 'recall', pages: Object.fromEntries(pages) } : undefined;
}

/** The result that asks for them. @param requestState what the client has to bring back */
export function askForPages({ pages }: Recall, requestState: string): McpResult {
  const asked = Object.entries(pages).map(([key, params]) => [key, { method: 'elicitation/create', params }]);
  const inputRequests = Object.fromEntries(asked) as JsonObject;
  return { ...result({ resultType: 'input_required', inputRequests, requestState }), type: 'input_required' };
}

/** @throws `protocol_invalid_params` when the answers are none */
export function readRecall({ pages }: Recall, params: Params | undefined): RecallAnswer {
  const answers = inputResponses(params);
  const left: [string, JsonValue | undefined][] = [];
  for (const [key, page] of Object.entries(pages)) {
    const answer = answers.get(key);
    if (!answer) left.push([key, page]);
    else if (answer.object()['action'] !== 'accept') return 'declined';
  }
  return left.length === 0 ? 'accepted' : { typ: 'recall', pages: Object.fromEntries(left) };
}

function pageOf(elicitation: JsonValue, index: number): [string, JsonObject][] {
  if (!isObject(elicitation) || typeof elicitation['url'] !== 'string') return [];
  const { elicitationId, ...params } = elicitation;
  const key = typeof elicitationId === 'string' ? elicitationId : `page-${index + 1}`;
  const message = typeof params['message'] === 'string' ? params['message'] : '';
  return [[key, { ...params, mode: 'url', message }]];
}
