/** What a frame is (RFC 6455, 5.2). From `CLOSE` on they are control frames: whole, and of at most 125 bytes. */
export const Opcode = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;

export type Opcode = (typeof Opcode)[keyof typeof Opcode];

/** The first byte of a frame that is the last of its message, or the only one. */
export const FIN = 0x80;

/** Where the opcode stands in the first byte of a frame. */
export const OPCODE = 0x0f;

/** In the second byte of a frame: a masking key stands before the payload. */
export const MASKED = 0x80;

/** What the payload of a control frame may be at most. Bytes. */
export const MAX_CONTROL_BYTES = 125;
