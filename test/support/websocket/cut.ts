/** The bytes in pieces of their own. @param where parts of the whole, between 0 and 1 */
export function cutAt(bytes: Buffer, where: readonly number[]): Buffer[] {
  const ends = [...where.map((part) => Math.floor(part * bytes.length)), bytes.length].toSorted((a, b) => a - b);
  return ends.map((end, nth) => Buffer.from(bytes.subarray(ends[nth - 1] ?? 0, end)));
}
