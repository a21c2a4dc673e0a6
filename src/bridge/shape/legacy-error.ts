import { isObject, type JsonValue } from '../../core/json.js';
import { errorReply, type McpError, type McpReply, result } from '../../core/message.js';
import { isBefore } from './age.js';
import { capabilitiesInWords } from './capability-words.js';
import { textBlock } from './content.js';
import { ErrorCode, mayBe, misunderstood, withCode } from './error-codes.js';
import { shapeUrlElicitation } from './url-elicitation.js';

/**
 * An error as a client of that revision understands it; the very same where there is nothing to change. What a server
 * finds wrong with the gateway is not told as if it was wrong with the client.
 */
export function shapeLegacyError(method: string, reply: McpError, revision: string): McpReply {
  if (mayBe(reply, ErrorCode.missingCapability)) {
    const { code, message, data } = reply.json.object();
    if (code === ErrorCode.missingCapability) {
      return lacking(method, message, isObject(data) ? data['requiredCapabilities'] : undefined);
    }
  }
  const shaped = reply.era === 'modern' ? saidByModern(method, reply) : reply;
  return isBefore(revision, '2025-11-25') ? shapeUrlElicitation(method, shaped) : shaped;
}

function saidByModern(method: string, reply: McpError): McpError {
  const { code, data } = reply.json.object();
  switch (Number(code)) {
    case ErrorCode.headerMismatch:
    case ErrorCode.unsupportedVersion:
      return misunderstood();
    case ErrorCode.invalidParams:
      return method === 'resources/read' && isObject(data) && typeof data['uri'] === 'string'
        ? withCode(reply, ErrorCode.resourceNotFound)
        : reply;
    default:
      return reply;
  }
}

/** The client cannot do what the server needs, and legacy servers would not have asked before they needed it. */
function lacking(method: string, message: unknown, required: JsonValue | undefined): McpReply {
  if (method === 'tools/call') {
    const what = isObject(required) ? capabilitiesInWords(required) : '';
    const text = `This tool needs client support for ${what === '' ? 'something that the client lacks' : what}.`;
    return result({ isError: true, content: [textBlock(text)] });
  }
  const said = typeof message === 'string' ? message : 'the client lacks a capability';
  return errorReply(ErrorCode.internal, said, {
    reason: 'protocol_missing_capability',
    ...(isObject(required) && { requiredCapabilities: required }),
  });
}
