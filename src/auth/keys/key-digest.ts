import { hash, randomBytes } from 'node:crypto';

/** So that whoever finds one in a log or a repository knows what it is, and scanners can look for it. */
const PREFIX = 'mgk_';
const KEY_BYTES = 32;
/** As much of a key as may be known of it: the prefix and a little more. */
const CLAIM_LENGTH = PREFIX.length + 6;

/** The SHA-256 of a key in hexadecimal digits. A key is random and long, so a fast digest gives nothing away. */
export function digestOf(key: string): string {
  return hash('sha256', key, 'hex');
}

/** A fresh API key: 256 random bits. */
export function newApiKey(): string {
  return PREFIX + randomBytes(KEY_BYTES).toString('base64url');
}

/** The first letters of a key: whose it claims to be, as far as guessing is counted. */
export function claimOf(key: string): string {
  return key.slice(0, CLAIM_LENGTH);
}
