import { createRequire } from 'node:module';

/** Below this the object that it takes to see words costs more than it saves. Bytes. */
const SHORT = 64;
/** From here on native code is quicker, call and all. Bytes. */
const LONG = 1_024;

type Unmask = (bytes: Uint8Array, key: Uint8Array) => void;

const native = nativeUnmask();
const nativeKey = new Uint8Array(4);

/**
 * Masks what stands between two positions, in place; what was masked with the same key is plain again (RFC 6455, 5.3).
 *
 * @param key its first byte is the lowest
 */
export function mask(bytes: Uint8Array, start: number, end: number, key: number): void {
  if (key === 0) return;
  if (end - start < SHORT) maskBytes(bytes, start, end, key);
  else if (native && end - start >= LONG) maskNatively(native, bytes, start, end, key);
  else maskWords(bytes, start, end, key);
}

function maskBytes(bytes: Uint8Array, start: number, end: number, key: number): void {
  const [first, second, third, fourth] = [key & 0xff, (key >>> 8) & 0xff, (key >>> 16) & 0xff, key >>> 24];
  const whole = start + ((end - start) & ~3);
  let at = start;
  for (; at < whole; at += 4) {
    (bytes[at] as number) ^= first;
    (bytes[at + 1] as number) ^= second;
    (bytes[at + 2] as number) ^= third;
    (bytes[at + 3] as number) ^= fourth;
  }
  if (at < end) (bytes[at++] as number) ^= first;
  if (at < end) (bytes[at++] as number) ^= second;
  if (at < end) (bytes[at] as number) ^= third;
}

function maskWords(bytes: Uint8Array, start: number, end: number, key: number): void {
  const odd = (bytes.byteOffset + start) & 3;
  const aligned = odd === 0 ? start : start + 4 - odd;
  if (odd !== 0) maskBytes(bytes, start, aligned, key);
  const turned = turn(key, aligned - start);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + aligned, (end - aligned) >> 2);
  const count = words.length;
  const fours = count & ~3;
  let at = 0;
  for (; at < fours; at += 4) {
    (words[at] as number) ^= turned;
    (words[at + 1] as number) ^= turned;
    (words[at + 2] as number) ^= turned;
    (words[at + 3] as number) ^= turned;
  }
  for (; at < count; at++) (words[at] as number) ^= turned;
  maskBytes(bytes, aligned + 4 * count, end, turned);
}

/** The key as it is to be read so many bytes on. */
function turn(key: number, bytes: number): number {
  return bytes === 0 ? key : (key >>> (8 * bytes)) | (key << (32 - 8 * bytes));
}

function maskNatively(unmask: Unmask, bytes: Uint8Array, start: number, end: number, key: number): void {
  for (let at = 0; at < 4; at++) nativeKey[at] = key >>> (8 * at);
  unmask(bytes.subarray(start, end), nativeKey);
}

/** The addon is optional: everything works without it. */
function nativeUnmask(): Unmask | undefined {
  try {
    return (createRequire(import.meta.url)('bufferutil') as { unmask: Unmask }).unmask;
  } catch {
    return undefined;
  }
}
