import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';

import { CLOCK, type Clock, type Timer } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';
import type { Principal } from '../core/principal.js';

/** The wall clock may be set meanwhile: it is looked at again after this time at the latest. Milliseconds. */
const LONGEST_WAIT_MS = 30_000;
/** Credentials that run out within such a time are dealt with together. Milliseconds. */
const SHORTEST_WAIT_MS = 100;

/** What lasts longer than the request that it was opened by, and perhaps longer than the credential of that. */
export interface Expiring {
  readonly principal: Principal;
  /** The credential is not good any more. Called once. */
  expire(): void;
}

/**
 * Ends what was opened with a credential as soon as the credential has run out: connections, streams, listens. One
 * timer for all of them, and none while nobody's credential has an end.
 */
@Injectable()
export class CredentialExpiry implements OnModuleDestroy {
  private readonly watched = new Set<Expiring>();
  private timer: Timer | undefined;
  /** Monotonic milliseconds. */
  private armedFor = Number.POSITIVE_INFINITY;

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Whoever is watched now. */
  get size(): number {
    return this.watched.size;
  }

  watch(expiring: Expiring): void {
    const { expiresAt } = expiring.principal;
    if (expiresAt === undefined) return;
    this.watched.add(expiring);
    this.arm(expiresAt);
  }

  /** It is over anyway. */
  forget(expiring: Expiring): void {
    if (this.watched.delete(expiring) && this.watched.size === 0) this.rest();
  }

  onModuleDestroy(): void {
    this.watched.clear();
    this.rest();
  }

  /** @param expiresAt milliseconds since 1970 */
  private arm(expiresAt: number): void {
    const wait = Math.min(Math.max(expiresAt - this.clock.wall(), SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
    const at = this.clock.now() + wait;
    if (at >= this.armedFor) return;
    this.timer?.cancel();
    this.armedFor = at;
    this.timer = this.clock.after(wait, this.sweep);
  }

  private rest(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.armedFor = Number.POSITIVE_INFINITY;
  }

  private readonly sweep = (): void => {
    this.rest();
    const now = this.clock.wall();
    const late: Expiring[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const each of this.watched) {
      const { expiresAt = Number.POSITIVE_INFINITY } = each.principal;
      if (expiresAt <= now) late.push(each);
      else next = Math.min(next, expiresAt);
    }
    for (const each of late) {
      this.watched.delete(each);
      each.expire();
    }
    if (next < Number.POSITIVE_INFINITY) this.arm(next);
  };
}

/** What whoever waits for an answer is told. */
export function expired(): GatewayError {
  return new GatewayError('auth_invalid', 'credential expired');
}
