import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Subscription } from 'rxjs';

import { Reception } from '../auth/index.js';
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
  /** Name of the route that it was opened on. */
  readonly route: string;
  /** The credential is not good any more. Called once. */
  expire(): void;
}

/**
 * Ends what was opened with a credential as soon as the credential is not good any more: connections, streams, listens.
 * One timer for all that run out by themselves, and none while nobody's does; and all are looked at again when what is
 * believed changes, by a reload or a key that is taken away.
 */
@Injectable()
export class CredentialExpiry implements OnModuleDestroy {
  private readonly watched = new Set<Expiring>();
  /** Those whose credentials run out by themselves. */
  private readonly ending = new Set<Expiring>();
  private timer: Timer | undefined;
  /** Monotonic milliseconds. */
  private armedFor = Number.POSITIVE_INFINITY;

  private readonly changes: Subscription;
  private isLooking = false;

  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly reception: Reception,
  ) {
    this.changes = reception.changes.subscribe(() => this.lookAgain());
  }

  /** Whoever is watched now. */
  get size(): number {
    return this.watched.size;
  }

  watch(expiring: Expiring): void {
    const { expiresAt } = expiring.principal;
    this.watched.add(expiring);
    if (expiresAt === undefined) return;
    this.ending.add(expiring);
    this.arm(expiresAt);
  }

  /** It is over anyway. */
  forget(expiring: Expiring): void {
    this.watched.delete(expiring);
    if (this.ending.delete(expiring) && this.ending.size === 0) this.rest();
  }

  onModuleDestroy(): void {
    this.changes.unsubscribe();
    this.watched.clear();
    this.ending.clear();
    this.rest();
  }

  /** As soon as everybody else knows of the change. */
  private lookAgain(): void {
    if (this.isLooking) return;
    this.isLooking = true;
    queueMicrotask(() => {
      this.isLooking = false;
      this.sortOut();
    });
  }

  /** One question for all that somebody has open on one route with one credential. */
  private sortOut(): void {
    const answers = new Map<Principal, Map<string, boolean | Promise<boolean>>>();
    for (const each of this.watched) {
      const { principal, route } = each;
      const known = answers.get(principal) ?? new Map<string, boolean | Promise<boolean>>();
      const stands = known.get(route) ?? this.reception.stands(principal, route);
      answers.set(principal, known.set(route, stands));
      if (stands instanceof Promise) void stands.then((good) => good || this.end(each));
      else if (!stands) this.end(each);
    }
  }

  private end(expiring: Expiring): void {
    if (!this.watched.has(expiring)) return;
    this.forget(expiring);
    expiring.expire();
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
    for (const each of this.ending) {
      const { expiresAt = Number.POSITIVE_INFINITY } = each.principal;
      if (expiresAt <= now) late.push(each);
      else next = Math.min(next, expiresAt);
    }
    for (const each of late) this.end(each);
    if (next < Number.POSITIVE_INFINITY) this.arm(next);
  };
}

/** What whoever waits for an answer is told. */
export function expired(): GatewayError {
  return new GatewayError('auth_invalid', 'credential expired');
}
