import { GatewayError } from '../../../core/errors.js';
import type { Events } from '../../../core/events.js';
import { isObject, type JsonObject } from '../../../core/json.js';
import type { McpError, McpReply, McpResult } from '../../../core/message.js';
import { TASKS_EXTENSION } from '../../../protocol/index.js';
import { RevisionLostError } from '../../session-lost.js';
import type { Call } from '../call.js';
import { asksWhatMayBeAsked } from './asked-inputs.js';
import { resultTypeOf } from './result-type.js';

const METHOD_NOT_FOUND = -32601;
const UNSUPPORTED_VERSION = -32022;

/** Requests that a server may answer by asking for input. */
const ASKING: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read']);

/**
 * What modern servers reply, each reply with its type; what the request cannot be answered with is no reply.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic
 */
export class ModernReplies {
  constructor(private readonly events: Events) {}

  judge(call: Call, reply: McpReply): McpReply | GatewayError {
    return reply.kind === 'error' ? judgedError(call, reply) : this.judgedResult(call, reply);
  }

  private judgedResult(call: Call, { json }: McpResult): McpReply | GatewayError {
    const type = resultTypeOf(json.bytes);
    if (type === undefined) this.events.emit('message.tolerated', { where: 'upstream', why: 'no_result_type' });
    else if (type !== 'complete' && !mayBe(type, call, json.object())) {
      return new GatewayError('upstream_protocol_error', 'the server sent a result that the request cannot have');
    }
    return { kind: 'result', json, type: type ?? 'complete' };
  }
}

/** Whether it says that the server is not what it was: then the request was not carried out. */
function judgedError({ request }: Call, reply: McpError): McpReply | GatewayError {
  const { code } = reply.json.object();
  const { method } = request;
  // A listen is sent by nobody's wish: a server that refuses just that would be introduced anew for ever.
  const isOtherEra =
    (code === UNSUPPORTED_VERSION && method !== 'subscriptions/listen') ||
    (code === METHOD_NOT_FOUND && method === 'server/discover');
  return isOtherEra ? new RevisionLostError() : { ...reply, era: 'modern' };
}

function mayBe(type: string, { request, sender }: Call, result: JsonObject): boolean {
  switch (type) {
    case 'input_required':
      return ASKING.has(request.method) && asksWhatMayBeAsked(result);
    case 'task': {
      const { extensions } = sender.declares;
      return request.method === 'tools/call' && isObject(extensions) && extensions[TASKS_EXTENSION] !== undefined;
    }
    default:
      return false;
  }
}
