import { randomFillSync } from 'node:crypto';

const KEYS = 2_048;

const keys = new Int32Array(KEYS);
let next = KEYS;

/** A masking key that nobody can foresee (RFC 6455, 5.3), for one frame. Four bytes, the lowest first. */
export function maskKey(): number {
  if (next === KEYS) {
    randomFillSync(keys);
    next = 0;
  }
  return keys[next++] as number;
}
