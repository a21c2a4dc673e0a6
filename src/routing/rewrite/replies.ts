import { JsonBytes } from '../../core/json.js';
import { Params, type InterimMessage, type McpReply } from '../../core/message.js';
import { UriSplices } from './uri-splices.js';
import { elements, valuesOf } from './walk.js';

/**
 * A reply of a prefixed group as the aggregated route shows it: every URI that the client may use is prefixed;
 * text and structured content are left alone. A reply without the letters `uri` in it is not even walked.
 */
export function exposeReply(prefix: string, method: string, reply: McpReply): McpReply {
  if (!mayHoldUri(reply.json.bytes)) return reply;
  const json = reply.kind === 'error' ? exposeError(prefix, reply.json) : exposeResult(prefix, method, reply.json);
  return json === reply.json ? reply : { kind: reply.kind, json };
}

/** A notification of a prefixed group as the aggregated route shows it. */
export function exposeInterim(prefix: string, message: InterimMessage): InterimMessage {
  if (message.method !== 'notifications/resources/updated' || !message.params) return message;
  const splices = new UriSplices(message.params.bytes, prefix);
  splices.uris('uri');
  const bytes = splices.applied();
  return bytes === message.params.bytes ? message : { ...message, params: new Params(bytes, {}) };
}

function exposeResult(prefix: string, method: string, json: JsonBytes): JsonBytes {
  const splices = new UriSplices(json.bytes, prefix);
  switch (method) {
    case 'tools/call':
      each(splices, 'content', (block) => splices.block(block));
      break;
    case 'prompts/get':
      each(splices, 'messages', ([message]) => {
        for (const content of valuesOf(json.bytes, 'content', message)) {
          splices.block(content);
          for (const block of elements(json.bytes, content[0])) splices.block(block);
        }
      });
      break;
    case 'resources/read':
      each(splices, 'contents', ([content]) => splices.uris('uri', content));
      break;
  }
  return splices.appliedTo(json);
}

function exposeError(prefix: string, json: JsonBytes): JsonBytes {
  const splices = new UriSplices(json.bytes, prefix);
  for (const [data] of valuesOf(json.bytes, 'data')) splices.uris('uri', data);
  return splices.appliedTo(json);
}

function each(splices: UriSplices, key: string, visit: (element: readonly [number, number]) => void): void {
  for (const [list] of valuesOf(splices.bytes, key)) {
    for (const element of elements(splices.bytes, list)) visit(element);
  }
}

/** A key may also be written with escapes; then it is read before it is judged. */
function mayHoldUri(bytes: Buffer): boolean {
  return bytes.includes('uri') || bytes.includes('\\u');
}
