import type { FileHandle } from 'node:fs/promises';

import { digestOf, isSealed, type Link, readLine } from './chain.js';

const NEWLINE = 0x0a;
/** Longer than any line, with what a crash may have left behind it. */
const TAIL_BYTES = 4 * 1_024 * 1_024;

/** What stands behind the last line of a file and is none: what a crash has left of one. */
export interface Torn {
  readonly bytes: number;
  readonly sha256: string;
}

/** How a file ends. */
export interface ChainEnd {
  /** Its last line; undefined where it has none that could be read. */
  readonly link: Link | undefined;
  /** Whether that line is sealed as this process would seal it. */
  readonly sealed: boolean;
  readonly torn: Torn | undefined;
  /** Whether its last byte is an end of line, or it is empty. */
  readonly finished: boolean;
}

/** Reads how a file of so many bytes ends. */
export async function readChainEnd(file: FileHandle, size: number, key: string | undefined): Promise<ChainEnd> {
  const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
  const { bytesRead } = await file.read(tail, 0, tail.length, size - tail.length);
  const bytes = tail.subarray(0, bytesRead);
  const finished = bytes.length === 0 || bytes.at(-1) === NEWLINE;
  const end = finished ? Math.max(0, bytes.length - 1) : bytes.length;
  for (let to = end; to > 0;) {
    const from = bytes.lastIndexOf(NEWLINE, to - 1) + 1;
    const line = bytes.subarray(from, to);
    const link = readLine(line);
    if (link) return { link, sealed: isSealed(line, link, key), torn: tornOf(bytes.subarray(to + 1, end)), finished };
    to = from - 1;
  }
  return { link: undefined, sealed: false, torn: tornOf(bytes.subarray(0, end)), finished };
}

function tornOf(bytes: Buffer): Torn | undefined {
  return bytes.length === 0 ? undefined : { bytes: bytes.length, sha256: digestOf(bytes) };
}
