import { FIN, MASKED, MAX_CONTROL_BYTES, OPCODE, Opcode } from './opcode.js';

const RESERVED = 0x70;
const LENGTH = 0x7f;

/**
 * Whether the first two bytes of a frame break a rule of RFC 6455, 5: reserved bits and opcodes, control frames in
 * pieces or with more than 125 bytes, a message within a message, a masking key where there must be none or none
 * where there must be one.
 *
 * @param continues whether there is a message under way that is not complete
 */
export function breaksRule(first: number, second: number, masked: boolean, continues: boolean): boolean {
  if ((first & RESERVED) !== 0 || ((second & MASKED) !== 0) !== masked) return true;
  const opcode = first & OPCODE;
  if (opcode === Opcode.CONTINUATION) return !continues;
  if (opcode <= Opcode.BINARY) return continues;
  if (opcode < Opcode.CLOSE || opcode > Opcode.PONG || (first & FIN) === 0) return true;
  const length = second & LENGTH;
  // Half a close code is none.
  return length > MAX_CONTROL_BYTES || (opcode === Opcode.CLOSE && length === 1);
}
