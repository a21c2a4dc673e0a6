const LINE_FEED = 0x0a;

/**
 * The whole lines at the beginning of some bytes that fit into so many; the first one alone where it is longer.
 *
 * @param bytes ends with a line feed
 */
export function wholeLines(bytes: Buffer, within: number): Buffer {
  if (bytes.length <= within) return bytes;
  const last = bytes.lastIndexOf(LINE_FEED, within - 1);
  return bytes.subarray(0, 1 + (last < 0 ? bytes.indexOf(LINE_FEED, within) : last));
}
