import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

import { DEFAULT_COST, memoryOf, type PasswordHash, type ScryptCost } from './password-hash.js';

type ScryptHash = Extract<PasswordHash, { kind: 'scrypt' }>;

/** On a thread of its own, as Node does it. */
export async function matchesScrypt(password: string, { cost, salt, hash }: ScryptHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, salt, cost, hash.length), hash);
}

/** A new hash in the form that configuration takes. */
export async function hashPassword(password: string, cost: ScryptCost = DEFAULT_COST): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, cost, 32);
  const { ln, r, p } = cost;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${unpadded(salt)}$${unpadded(hash)}`;
}

function derive(password: string, salt: Buffer, cost: ScryptCost, length: number): Promise<Buffer> {
  const options = { N: 2 ** cost.ln, r: cost.r, p: cost.p, maxmem: memoryOf(cost) * 2 };
  return new Promise((resolve, reject) =>
    scrypt(password, salt, length, options, (error, key) => (error ? reject(error) : resolve(key))),
  );
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
