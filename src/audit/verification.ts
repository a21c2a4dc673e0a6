import { createReadStream } from 'node:fs';

import { digestOf, isSealed, type Link, ORIGIN, readLine, type SealedLine } from './chain.js';

const NEWLINE = 0x0a;
/** Where a chain may go on in a file whose predecessor was not given. */
const CONTINUED = 'audit.continued';
/** What tells of a line that a crash has left unfinished. */
const RESUMED = 'audit.resumed';
const END_OF_LINE = Buffer.from('\n');

/** The first thing that is wrong with a chain. */
export interface ChainProblem {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly why: string;
}

/** What was found in the files of a chain. */
export interface Verified {
  readonly lines: number;
  /** The number of the first line; undefined where there is none. */
  readonly first: number | undefined;
  readonly last: Link | undefined;
  readonly problem: ChainProblem | undefined;
  /** Whether the hash that was looked for is that of one of the lines. */
  readonly seen: boolean;
}

/**
 * Reads the files of one chain, in the order of their first lines, up to the first line that is wrong: changed,
 * missing, put elsewhere, unfinished. That lines were cut off the end shows only to who has noted a later hash.
 *
 * @param lookedFor a hash that was noted, to be found in one of the lines
 *
 * @throws what the system says when a file cannot be read
 */
export async function verifyChain(
  files: readonly string[],
  key: string | undefined,
  lookedFor?: string,
): Promise<Verified> {
  const verification = new Verification(key, lookedFor);
  for (const file of await inOrder(files)) {
    verification.begin(file);
    for await (const line of linesOf(file)) {
      verification.take(line.bytes, line.finished);
      if (verification.problem) return verification;
    }
    verification.end();
    if (verification.problem) break;
  }
  return verification;
}

class Verification implements Verified {
  lines = 0;
  first: number | undefined;
  last: Link | undefined;
  problem: ChainProblem | undefined;
  seen = false;
  private file = '';
  private line = 0;
  /** Lines that are none, until one comes that says what they are; and where they begin. */
  private torn: Buffer[] = [];
  private tornAt = 0;

  constructor(
    private readonly key: string | undefined,
    private readonly lookedFor: string | undefined,
  ) {}

  begin(file: string): void {
    this.file = file;
    this.line = 0;
  }

  take(bytes: Buffer, finished: boolean): void {
    this.line++;
    const line = finished ? readLine(bytes) : undefined;
    if (!line) return this.tear(bytes);
    if (this.torn.length > 0 && !this.isToldBy(line)) return this.end();
    this.torn = [];
    const why = this.wrongWith(bytes, line);
    if (why !== undefined) return this.refuse(why, this.line);
    this.first ??= line.seq;
    this.last = { seq: line.seq, hash: line.hash };
    this.lines++;
    this.seen ||= line.hash === this.lookedFor;
  }

  end(): void {
    if (this.torn.length > 0) this.refuse('it is not a whole record', this.tornAt);
  }

  private tear(bytes: Buffer): void {
    if (this.torn.length === 0) this.tornAt = this.line;
    this.torn.push(bytes);
  }

  /** Whether a line says of what stands before it that a crash has left it there. */
  private isToldBy({ record }: SealedLine): boolean {
    if (record['event'] !== RESUMED) return false;
    const [first, ...more] = this.torn;
    const bytes = Buffer.concat([first!, ...more.flatMap((line) => [END_OF_LINE, line])]);
    return (record['detail'] as { torn_sha256?: unknown } | null)?.torn_sha256 === digestOf(bytes);
  }

  private wrongWith(bytes: Buffer, line: SealedLine): string | undefined {
    const before = this.last ?? beginningOf(line);
    if (!before) return `it is line ${line.seq} of the chain, and what came before it is missing`;
    const expected = before.seq + 1;
    if (line.seq > expected) return `it is line ${line.seq} of the chain where ${expected} was due: lines are missing`;
    if (line.seq < expected) return `it is line ${line.seq} of the chain where ${expected} was due: it is out of place`;
    if (line.prev !== before.hash) return 'it does not follow the line before it: one of the two was replaced';
    if (isSealed(bytes, line, this.key)) return undefined;
    const other = this.key === undefined ? 'was sealed with a key (--key-file)' : 'was sealed with another key';
    return `its hash is not that of its content: it was changed, or ${other}`;
  }

  private refuse(why: string, line: number): void {
    this.problem = { file: this.file, line, why };
  }
}

/** What a first line must follow: nothing, or what it says itself where it is the first of a file that goes on. */
function beginningOf({ seq, prev, record }: SealedLine): Link | undefined {
  if (seq === 1) return ORIGIN;
  return record['event'] === CONTINUED ? { seq: seq - 1, hash: prev } : undefined;
}

/** Files by the numbers of their first lines; those without any stay where they were named. */
async function inOrder(files: readonly string[]): Promise<readonly string[]> {
  const numbered = await Promise.all(files.map(async (file) => ({ file, seq: await firstSeq(file) })));
  return numbered.toSorted((a, b) => a.seq - b.seq).map(({ file }) => file);
}

async function firstSeq(file: string): Promise<number> {
  for await (const { bytes } of linesOf(file)) {
    const line = readLine(bytes);
    if (line) return line.seq;
  }
  return 0;
}

async function* linesOf(file: string): AsyncGenerator<{ bytes: Buffer; finished: boolean }> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { highWaterMark: 1_048_576 }) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let to = bytes.indexOf(NEWLINE); to >= 0; to = bytes.indexOf(NEWLINE, from)) {
      yield { bytes: bytes.subarray(from, to), finished: true };
      from = to + 1;
    }
    rest = bytes.subarray(from);
  }
  if (rest.length > 0) yield { bytes: rest, finished: false };
}
