import { hash } from 'node:crypto';

import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { type Observable, Subject, type Subscription } from 'rxjs';

import { ConfigService } from '../config/index.js';
import { CLOCK, type Clock } from '../core/clock.js';
import type { Principal } from '../core/principal.js';
import { AuthSection } from './auth.section.js';

/** A verified credential is believed for so long without another look. */
const MAX_TTL_MS = 60_000;

/**
 * Remembers whom verified credentials stand for, so that the same one brings the same principal and costs one digest.
 * Holds digests, never credentials. Empty again after every change of the configuration.
 */
@Injectable()
export class CredentialCache implements OnModuleDestroy {
  private known: LRUCache<string, Principal>;
  private age = 0;
  private readonly changes: Subscription;
  private readonly forgotten = new Subject<void>();

  constructor(
    private readonly config: ConfigService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.known = this.fresh();
    this.changes = config.changes.subscribe(() => this.clear());
  }

  onModuleDestroy(): void {
    this.changes.unsubscribe();
    this.forgotten.complete();
  }

  /** Everything was forgotten, because something of what is believed has changed. Others may not know of that yet. */
  get cleared(): Observable<void> {
    return this.forgotten;
  }

  /** Grows by one whenever everything is forgotten. */
  get generation(): number {
    return this.age;
  }

  keyOf(method: string, credential: string): string {
    return hash('sha256', `${method}\0${credential}`, 'base64');
  }

  get(key: string): Principal | undefined {
    return this.known.get(key);
  }

  /** @param generation in which verifying began: what was found out before a change is not worth remembering */
  remember(key: string, principal: Principal, generation: number): void {
    const ttl = Math.min(MAX_TTL_MS, (principal.expiresAt ?? Infinity) - this.clock.wall());
    // The library counts in whole milliseconds.
    if (generation === this.age && ttl >= 1) this.known.set(key, principal, { ttl: Math.floor(ttl) });
  }

  clear(): void {
    this.age++;
    this.known = this.fresh();
    this.forgotten.next();
  }

  private fresh(): LRUCache<string, Principal> {
    return new LRUCache({
      max: this.config.get(AuthSection).maxRemembered,
      ttl: MAX_TTL_MS,
      ttlResolution: 0,
      // To the library a time of 0 is none.
      perf: { now: () => this.clock.turn() + 1 },
    });
  }
}
