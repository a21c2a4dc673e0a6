import { isObject, type JsonObject } from '../../core/json.js';
import { result, type McpError, type McpReply } from '../../core/message.js';
import { textBlock } from './content.js';
import { exactBytes, parseExact } from './exact-json.js';

/** URL elicitation required: the client has to show somebody a page before it tries again. */
const CODE = -32042;
const INTERNAL_ERROR = -32603;
const SPELLED = Buffer.from(String(CODE));

/**
 * The error by which a server asks for a page to be opened, for a client that has no word for it: as the failure
 * of a tool, with where to go in the text, or as a plain error. Any other error is the very same.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation#url-elicitation-required-error
 */
export function shapeUrlElicitation(method: string, reply: McpError): McpReply {
  if (!reply.json.bytes.includes(SPELLED)) return reply;
  const error = parseExact(reply.json);
  if (!isObject(error) || error['code'] !== CODE) return reply;
  if (method !== 'tools/call') return { kind: 'error', json: exactBytes({ ...error, code: INTERNAL_ERROR }) };
  const { message, data } = error;
  const said = [typeof message === 'string' ? message : '', ...pagesOf(isObject(data) ? data : {})];
  return result({ content: [textBlock(said.join('\n'))], isError: true });
}

function pagesOf({ elicitations }: JsonObject): string[] {
  const pages = Array.isArray(elicitations) ? elicitations.filter(isObject) : [];
  return pages.map(({ message, url }) => [message, url].filter((part) => typeof part === 'string').join(': '));
}
