/** A password as it is kept, in the form that tells how it was made. */
export type PasswordHash =
  | { readonly kind: 'bcrypt'; readonly text: string }
  | {
      readonly kind: 'scrypt';
      readonly cost: ScryptCost;
      readonly salt: Buffer;
      readonly hash: Buffer;
    };

/** How much work scrypt is, in the letters of RFC 7914. */
export interface ScryptCost {
  /** Binary logarithm of N. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** What OWASP asks for at least, with 32 MiB. */
export const DEFAULT_COST: ScryptCost = { ln: 15, r: 8, p: 3 };

const SCRYPT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const MAX_MEMORY = 128 * 1_024 * 1_024;
const MAX_PASSES = 16;

/**
 * Undefined for what is none, or one that would take so much time or memory that nobody could sign in.
 *
 * @see https://github.com/P-H-C/phc-string-format
 */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const bcrypt = BCRYPT.exec(text);
  if (bcrypt) return Number(bcrypt[1]) >= 4 && Number(bcrypt[1]) <= 15 ? { kind: 'bcrypt', text } : undefined;
  const [, ln, r, p, salt, hash] = SCRYPT.exec(text) ?? [];
  if (salt === undefined || hash === undefined) return undefined;
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  if (cost.ln < 10 || cost.r < 1 || cost.p < 1 || cost.p > MAX_PASSES) return undefined;
  if (memoryOf(cost) > MAX_MEMORY) return undefined;
  return { kind: 'scrypt', cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

/** Bytes that hashing takes. */
export function memoryOf({ ln, r }: ScryptCost): number {
  return 128 * 2 ** ln * r;
}
