import { isObject, type JsonObject } from '../../core/json.js';
import type { McpError } from '../../core/message.js';
import { ErrorCode, mayBe, misunderstood, withCode } from './error-codes.js';
import { lacks } from './lacks.js';

const LEGACY_OR_OURS = [
  ErrorCode.resourceNotFound,
  ErrorCode.urlElicitation,
  ErrorCode.headerMismatch,
  ErrorCode.missingCapability,
  ErrorCode.unsupportedVersion,
] as const;

/**
 * An error as a modern client understands it; the very same where there is nothing to change. What a server finds
 * wrong with the gateway is not told as if it was wrong with the client.
 *
 * @param declared what the client says that it can do
 */
export function shapeModernError(reply: McpError, declared: JsonObject): McpError {
  if (!LEGACY_OR_OURS.some((code) => mayBe(reply, code))) return reply;
  const { code, data } = reply.json.object();
  switch (Number(code)) {
    case ErrorCode.resourceNotFound:
      return withCode(reply, ErrorCode.invalidParams);
    case ErrorCode.urlElicitation:
    case ErrorCode.headerMismatch:
    case ErrorCode.unsupportedVersion:
      return misunderstood();
    case ErrorCode.missingCapability: {
      const required = isObject(data) ? data['requiredCapabilities'] : undefined;
      return isObject(required) && lacks(declared, required) ? reply : misunderstood();
    }
    default:
      return reply;
  }
}
