import { GatewayError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import type { McpError } from '../../core/message.js';
import { exactBytes, parseExact } from './exact-json.js';

/** Codes that mean something in one era alone, and those that say it in the other. */
export const ErrorCode = {
  internal: -32603,
  invalidParams: -32602,
  /** legacy */
  resourceNotFound: -32002,
  /** 2025-11-25 alone */
  urlElicitation: -32042,
  /** modern */
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
} as const;
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

const SPELLED: ReadonlyMap<ErrorCode, Buffer> = new Map(
  Object.values(ErrorCode).map((code) => [code, Buffer.from(String(code))]),
);

/** Whether an error can have this code, as its bytes tell without being parsed. */
export function mayBe({ json }: McpError, code: ErrorCode): boolean {
  return json.bytes.includes(SPELLED.get(code) as Buffer);
}

/** A server that does not know what the gateway says has failed at something that is no business of the client. */
export function misunderstood(): McpError {
  return new GatewayError('upstream_protocol_error', 'the server refused what the gateway said').toReply('modern');
}

/** The same error under another code. Everything else is kept, to the digits of its numbers. */
export function withCode(reply: McpError, code: ErrorCode): McpError {
  return { ...reply, json: exactBytes({ ...(parseExact(reply.json) as JsonObject), code }) };
}
