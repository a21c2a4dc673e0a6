import { FIN, MASKED } from './opcode.js';

/** How many bytes stand before a payload. */
export function headBytes(length: number, masked: boolean): number {
  return (length < 126 ? 2 : length < 65_536 ? 4 : 10) + (masked ? 4 : 0);
}

/**
 * Writes the head of a frame that is a whole message (RFC 6455, 5.2). Returns the position after it.
 *
 * @param key of a client's frame; undefined for one that is not masked
 */
export function writeHead(to: Buffer, start: number, opcode: number, length: number, key: number | undefined): number {
  const masked = key === undefined ? 0 : MASKED;
  let at = start;
  to[at++] = FIN | opcode;
  if (length < 126) {
    to[at++] = masked | length;
  } else if (length < 65_536) {
    to[at++] = masked | 126;
    to[at++] = length >>> 8;
    to[at++] = length & 0xff;
  } else {
    to[at++] = masked | 127;
    at = to.writeUInt32BE(Math.floor(length / 2 ** 32), at);
    at = to.writeUInt32BE(length >>> 0, at);
  }
  return key === undefined ? at : to.writeInt32LE(key, at);
}
