import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';

/** What a chain begins with. */
const GENESIS = '0'.repeat(64);

/** The end of every line: its hash is over all that stands before, closed with the brace that follows it. */
const SEAL = /,"hash":"([0-9a-f]{64})"\}$/;
const SEAL_LENGTH = ',"hash":""}'.length + 64;
const CLOSE = Buffer.from('}');

/** Where a chain stands: the number and the hash of its last line. */
export interface Link {
  readonly seq: number;
  readonly hash: string;
}

/** Where a chain is before its first line. */
export const ORIGIN: Link = { seq: 0, hash: GENESIS };

/** One line as it is read back. */
export interface SealedLine extends Link {
  readonly prev: string;
  /** The whole record. */
  readonly record: Readonly<Record<string, unknown>>;
}

/**
 * The next line of a chain, without its end of line: the record between its number and `prev`, the hash of the line
 * before; then its own hash. SHA-256 over the UTF-8 bytes of the line as it is without `hash`, or HMAC-SHA256 with a key.
 */
export function sealLine(after: Link, record: object, key: string | undefined): { line: string; link: Link } {
  const seq = after.seq + 1;
  const body = JSON.stringify({ seq, ...record, prev: after.hash });
  const hash = digest(key).update(body).digest('hex');
  return { line: `${body.slice(0, -1)},"hash":"${hash}"}`, link: { seq, hash } };
}

/** A line taken apart; undefined for what is none. Whether its hash is right is another question. */
export function readLine(bytes: Buffer): SealedLine | undefined {
  const line = bytes.toString();
  const hash = SEAL.exec(line)?.[1];
  const record = hash === undefined ? undefined : parsed(line);
  if (hash === undefined || !record) return undefined;
  const { seq, prev } = record;
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 1 || typeof prev !== 'string') return undefined;
  return { seq, prev, hash, record };
}

/** Whether the hash of a line is that of its very bytes: what decodes to the same text is not the same line. */
export function isSealed(bytes: Buffer, { hash }: Link, key: string | undefined): boolean {
  const body = bytes.subarray(0, bytes.length - SEAL_LENGTH);
  return digest(key).update(body).update(CLOSE).digest('hex') === hash;
}

/** The digest of what nobody could read as a line. */
export function digestOf(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function digest(key: string | undefined): Hash | Hmac {
  return key === undefined ? createHash('sha256') : createHmac('sha256', key);
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
