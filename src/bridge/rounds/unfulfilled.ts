import type { JsonObject } from '../../core/json.js';
import { errorReply, result, type McpReply } from '../../core/message.js';

const INTERNAL_ERROR = -32603;
const MISSING_CAPABILITY = -32021;

/**
 * The reply to a request that cannot go on, because its client will not give what the server asked for: a tool has
 * failed, so that the model learns of it; anything else is an error.
 */
export function unfulfilled(method: string, text: string): McpReply {
  if (method !== 'tools/call') return errorReply(INTERNAL_ERROR, text);
  return result({ content: [{ type: 'text', text }], isError: true });
}

/** What a server would say that asks for nothing a client has not declared. @param required as capabilities */
export function lackingCapability(required: JsonObject): McpReply {
  return errorReply(MISSING_CAPABILITY, 'the client lacks a capability', { requiredCapabilities: required });
}
