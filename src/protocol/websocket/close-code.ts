import { MAX_CONTROL_BYTES } from './opcode.js';

const NOTHING = Buffer.alloc(0);

/** Why a WebSocket is closed (RFC 6455, 7.4.1 and the registry it set up). */
export const CloseCode = {
  NORMAL: 1000,
  GOING_AWAY: 1001,
  PROTOCOL: 1002,
  UNSUPPORTED_DATA: 1003,
  /** Never sent: the frame held none. */
  NONE: 1005,
  NOT_TEXT: 1007,
  POLICY: 1008,
  TOO_LARGE: 1009,
  INTERNAL: 1011,
  OVERLOADED: 1013,
} as const;

/** Codes between 1000 and 1014 that mean something only where there was no code. */
const NEVER_SENT: readonly number[] = [1004, CloseCode.NONE, 1006];

/** Whether a peer may close with this code: those of the registry, of libraries (from 3000) and of applications (from 4000). */
export function isCloseCode(code: number): boolean {
  return (code >= 1000 && code <= 1014 && !NEVER_SENT.includes(code)) || (code >= 3000 && code <= 4999);
}

/** What a close frame says (RFC 6455, 5.5.1). A reason that is too long for one is cut. */
export function closePayload(code: number, reason: Buffer): Buffer {
  if (code === CloseCode.NONE) return NOTHING;
  const payload = Buffer.alloc(2 + Math.min(reason.length, MAX_CONTROL_BYTES - 2));
  payload.writeUInt16BE(code);
  reason.copy(payload, 2);
  return payload;
}
