import { hkdfSync } from 'node:crypto';

const MIN_SECRET_BYTES = 32;
const KEY_BYTES = 32;
const ID_BYTES = 6;

/** What is derived from one secret. */
export interface SealingKey {
  /** Names the key beside what it sealed: the same wherever the secret is, and no help in guessing it. */
  readonly id: string;
  readonly cipher: Buffer;
  /** Makes the initialization vectors of what is sealed alike every time. */
  readonly vectors: Buffer;
}

/** The keys that seal and open. Derived once, when the ring is made. */
export class KeyRing {
  /** The one that seals. */
  readonly first: SealingKey;
  private readonly keys: ReadonlyMap<string, SealingKey>;

  /**
   * @param secrets at least one, of at least 32 bytes each: the first seals, all of them open
   * @throws RangeError
   */
  constructor(secrets: readonly Buffer[]) {
    const [first, ...others] = secrets.map(derived);
    if (!first) throw new RangeError('a key ring has at least one key');
    this.first = first;
    this.keys = new Map([...others, first].map((key) => [key.id, key]));
  }

  find(id: string): SealingKey | undefined {
    return this.keys.get(id);
  }
}

function derived(secret: Buffer): SealingKey {
  if (secret.length < MIN_SECRET_BYTES) throw new RangeError('a sealing secret has at least 32 bytes');
  const part = (purpose: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', secret, '', `mcp-gateway sealed values, ${purpose}`, bytes));
  return {
    id: part('id', ID_BYTES).toString('base64url'),
    cipher: part('cipher', KEY_BYTES),
    vectors: part('vectors', KEY_BYTES),
  };
}
