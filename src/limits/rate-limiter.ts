import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Subscription } from 'rxjs';

import { ConfigService } from '../config/index.js';
import type { GatewayError } from '../core/errors.js';
import { Events } from '../core/events.js';
import type { Exchange } from '../core/exchange.js';
import type { Pace } from '../core/gcra.js';
import type { RateGate, Sender } from '../core/rate-gate.js';
import { LOCAL_RATES, type RateCounter, SHARED_RATES, type Taken } from '../storage/index.js';
import type { Count } from './client-counts.js';
import { RatePlan } from './rate-plan.js';
import { RateLimitingSection } from './rate-limiting.section.js';

/** Decides whether a request is one too many. What is counted outlives a reload; what it is measured by does not. */
@Injectable()
export class RateLimiter implements RateGate, OnModuleDestroy {
  private plan!: RatePlan;
  private counter!: RateCounter;
  private readonly reloads: Subscription;

  constructor(
    config: ConfigService,
    private readonly events: Events,
    @Inject(LOCAL_RATES) private readonly local: RateCounter,
    @Inject(SHARED_RATES) private readonly shared: RateCounter,
  ) {
    this.configure(config.get(RateLimitingSection));
    this.reloads = config.changes.subscribe(({ next }) => this.configure(next.get(RateLimitingSection)));
  }

  onModuleDestroy(): void {
    this.reloads.unsubscribe();
  }

  get enabled(): boolean {
    return this.plan.enabled;
  }

  get messagePace(): Pace | undefined {
    return this.plan.enabled ? this.plan.messagePace : undefined;
  }

  refusal({ principal, clientAddress, routeName }: Sender): GatewayError | undefined {
    if (!this.plan.enabled) return undefined;
    const count = this.plan.clientOf(principal, clientAddress).own;
    const taken = this.local.take(count.key, count.limit.rate);
    // What is counted in memory is known at once.
    return taken instanceof Promise || taken.allowed ? undefined : this.refuse(count, taken, routeName);
  }

  /** Counts a request that is on its way. Why it goes no further, if so; a promise only where the counter is elsewhere. */
  judge(exchange: Exchange): GatewayError | undefined | Promise<GatewayError | undefined> {
    const { principal, clientAddress, route, method, target } = exchange;
    const client = this.plan.clientOf(principal, clientAddress);
    return this.count(client.counts(route, method === 'tools/call' ? target : undefined), 0, route);
  }

  private count(
    counts: readonly Count[],
    from: number,
    route: string,
  ): GatewayError | undefined | Promise<GatewayError | undefined> {
    for (let at = from; at < counts.length; at++) {
      const count = counts[at] as Count;
      const taken = this.counter.take(count.key, count.limit.rate);
      if (taken instanceof Promise) return this.countOn(taken, counts, { at, route });
      if (!taken.allowed) return this.refuse(count, taken, route);
    }
    return undefined;
  }

  private async countOn(
    waiting: Promise<Taken>,
    counts: readonly Count[],
    { at, route }: { at: number; route: string },
  ): Promise<GatewayError | undefined> {
    const taken = await waiting;
    return taken.allowed ? this.count(counts, at + 1, route) : this.refuse(counts[at] as Count, taken, route);
  }

  private refuse({ limit }: Count, taken: Taken, route: string): GatewayError {
    this.events.emit('rate.exceeded', { scope: limit.scope, route });
    return limit.refusal(taken);
  }

  private configure(section: RateLimitingSection): void {
    this.plan = new RatePlan(section);
    this.counter = section.store === 'memory' ? this.local : this.shared;
  }
}
