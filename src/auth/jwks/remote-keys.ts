import { Logger } from '@nestjs/common';

import type { Clock } from '../../core/clock.js';
import { GatewayError } from '../../core/errors.js';
import { isObject } from '../../core/json.js';
import { AuthRefusal } from '../auth-refusal.js';
import { fits, keyOfJwk, type VerificationKey } from '../jwt/verification-key.js';
import type { KeyFetch } from './key-fetch.js';

/** A key that nobody knows makes us ask again, but not more often than this: anybody can make up names of keys. */
const REFETCH_MS = 30_000;
/** While there are no keys at all it is worth asking sooner. */
const RETRY_MS = 2_000;
const MAX_KEYS = 256;

interface PublishedKey extends VerificationKey {
  readonly id: string | undefined;
}

/**
 * The keys that one issuer publishes. Fetched when they are first needed, by one request at a time; what was fetched
 * last is kept for as long as the issuer cannot be reached.
 */
export class RemoteKeys {
  private readonly logger = new Logger('Jwks');
  private keys: readonly PublishedKey[] | undefined;
  /** Monotonic milliseconds. */
  private askedAt = Number.NEGATIVE_INFINITY;
  private gotAt = Number.NEGATIVE_INFINITY;
  private asking: Promise<void> | undefined;

  constructor(
    readonly url: string,
    private readonly http: KeyFetch,
    private readonly clock: Clock,
  ) {}

  /**
   * The key that a token names. A plain one where it is at hand.
   *
   * @param maxAgeMs how old the keys may be before they are fetched anew, beside what is going on
   * @throws AuthRefusal where there is no such key; `auth_unavailable` where no keys are to be had
   */
  find(keyId: string | undefined, algorithm: string, maxAgeMs: number): VerificationKey | Promise<VerificationKey> {
    const known = this.lookUp(keyId, algorithm);
    if (known && this.clock.now() - this.gotAt > maxAgeMs && this.mayAsk()) void this.ask();
    return known ?? this.findAfresh(keyId, algorithm);
  }

  private async findAfresh(keyId: string | undefined, algorithm: string): Promise<VerificationKey> {
    if (this.asking || this.mayAsk()) await this.ask();
    const found = this.lookUp(keyId, algorithm);
    if (found) return found;
    if (!this.keys) throw new GatewayError('auth_unavailable', 'credentials cannot be verified at the moment');
    throw new AuthRefusal('signing_key');
  }

  /** Without a name there must be no choice. */
  private lookUp(keyId: string | undefined, algorithm: string): VerificationKey | undefined {
    const fitting = (this.keys ?? []).filter(
      (key) => fits(key, algorithm) && (keyId === undefined || key.id === keyId),
    );
    return fitting.length === 1 ? fitting[0] : undefined;
  }

  private mayAsk(): boolean {
    return this.clock.now() - this.askedAt >= (this.keys ? REFETCH_MS : RETRY_MS);
  }

  private ask(): Promise<void> {
    return (this.asking ??= this.fetch().finally(() => (this.asking = undefined)));
  }

  private async fetch(): Promise<void> {
    this.askedAt = this.clock.now();
    try {
      this.keys = keysOf(await this.http.json(this.url));
      this.gotAt = this.clock.now();
    } catch (thrown) {
      const { host } = new URL(this.url);
      const kept = this.keys ? 'the last ones are kept' : 'there are none yet';
      this.logger.warn(`the keys of ${host} cannot be fetched (${reasonOf(thrown)}); ${kept}`);
    }
  }
}

/** @throws TypeError for what is no JWKS */
function keysOf(document: unknown): readonly PublishedKey[] {
  const listed = isObject(document) ? document['keys'] : undefined;
  if (!Array.isArray(listed)) throw new TypeError('not a JWKS');
  return listed.slice(0, MAX_KEYS).flatMap((jwk) => {
    const key = keyOfJwk(jwk);
    const id = isObject(jwk) ? jwk['kid'] : undefined;
    return key ? [{ ...key, id: typeof id === 'string' ? id : undefined }] : [];
  });
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof SyntaxError) return 'not JSON';
  const { cause, message } = thrown as { cause?: { code?: string }; message?: string };
  return (cause?.code ?? message ?? 'unknown').slice(0, 80);
}
