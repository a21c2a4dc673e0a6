import type { Span } from '../../core/json.js';
import type { InterimMessage, McpReply } from '../../core/message.js';
import { elements, members, stringAt, valuesOf } from '../../core/walk.js';
import { readParams } from '../../protocol/index.js';
import { UriSplices } from './uri-splices.js';

/**
 * A reply of a prefixed group as the aggregated route shows it: every URI that the client may use is prefixed;
 * text and structured content are left alone. A result without the letters `uri` in it is not even walked. Where a
 * modern server asks for something, what it asks is shown as `exposeInterim` shows the questions of others.
 *
 * @param kept hears of each URI in it that stays as it is
 */
export function exposeReply(prefix: string, method: string, reply: McpReply, kept?: (uri: string) => void): McpReply {
  const { bytes } = reply.json;
  const isAsking = reply.kind === 'result' && reply.type === 'input_required';
  if (!isAsking && method !== 'tasks/get' && !mayHoldUri(bytes)) return reply;
  const splices = new UriSplices(bytes, prefix, kept);
  if (reply.kind === 'error') gatherOfError(splices);
  else if (isAsking) gatherOfInputs(splices);
  else gatherOfResult(splices, method);
  const json = splices.appliedTo(reply.json);
  return json === reply.json ? reply : { ...reply, json };
}

/** What a server of a prefixed group says on its own, as the aggregated route shows it. */
export function exposeInterim(prefix: string, message: InterimMessage): InterimMessage {
  const { params } = message;
  if (!params) return message;
  const splices = new UriSplices(params.bytes, prefix);
  if (message.method === 'notifications/resources/updated') splices.uris('uri');
  else if (message.method === 'sampling/createMessage') gatherOfSampling(splices);
  else return message;
  const bytes = splices.applied();
  if (bytes === params.bytes) return message;
  const exposed = readParams(bytes);
  return message.kind === 'request' ? message.withParams(exposed) : { ...message, params: exposed };
}

/**
 * What a language model is to read: each message has one content block or several. "This server" would be the whole
 * gateway here, and "all servers" the others behind it as well: the client is asked for no context of theirs.
 */
function gatherOfSampling(splices: UriSplices, at = 0): void {
  const { bytes } = splices;
  for (const context of valuesOf(bytes, 'includeContext', at)) splices.text(context, 'none');
  if (!mayHoldUri(bytes)) return;
  const visit = ([message]: Span): void => {
    for (const content of valuesOf(bytes, 'content', message)) {
      for (const block of [content, ...elements(bytes, content[0])]) {
        splices.block(block);
        // The result of a tool is a block with blocks of its own.
        for (const [nested] of valuesOf(bytes, 'content', block[0])) {
          for (const inner of elements(bytes, nested)) splices.block(inner);
        }
      }
    }
  };
  each(splices, 'messages', visit, at);
}

/** What a modern server needs before it can go on, by key. */
function gatherOfInputs(splices: UriSplices): void {
  const { bytes } = splices;
  for (const [requests] of valuesOf(bytes, 'inputRequests')) {
    for (const { value } of members(bytes, requests)) {
      const method = valuesOf(bytes, 'method', value[0]).at(-1);
      if (!method || stringAt(bytes, method) !== 'sampling/createMessage') continue;
      for (const [params] of valuesOf(bytes, 'params', value[0])) gatherOfSampling(splices, params);
    }
  }
}

/** A task of a modern server: what came of it, and what it needs before it can go on. */
function gatherOfTask(splices: UriSplices): void {
  const { bytes } = splices;
  for (const [result] of valuesOf(bytes, 'result')) each(splices, 'content', (block) => splices.block(block), result);
  for (const [error] of valuesOf(bytes, 'error')) gatherOfError(splices, error);
  gatherOfInputs(splices);
}

function gatherOfResult(splices: UriSplices, method: string): void {
  const { bytes } = splices;
  switch (method) {
    case 'tools/call':
      each(splices, 'content', (block) => splices.block(block));
      break;
    case 'tasks/get':
      gatherOfTask(splices);
      break;
    case 'prompts/get':
      each(splices, 'messages', ([message]) => {
        for (const content of valuesOf(bytes, 'content', message)) {
          splices.block(content);
          for (const block of elements(bytes, content[0])) splices.block(block);
        }
      });
      break;
    case 'resources/read':
      each(splices, 'contents', ([content]) => splices.uris('uri', content));
      break;
  }
}

function gatherOfError(splices: UriSplices, at = 0): void {
  for (const [data] of valuesOf(splices.bytes, 'data', at)) splices.uris('uri', data);
}

function each(splices: UriSplices, key: string, visit: (element: Span) => void, at = 0): void {
  for (const [list] of valuesOf(splices.bytes, key, at)) {
    for (const element of elements(splices.bytes, list)) visit(element);
  }
}

/** A key may also be written with escapes; then it is read before it is judged. */
function mayHoldUri(bytes: Buffer): boolean {
  return bytes.includes('uri') || bytes.includes('\\u');
}
