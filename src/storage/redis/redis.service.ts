import { isDeepStrictEqual } from 'node:util';

import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

import { ConfigService, type ConfigSnapshot } from '../../config/index.js';
import { CLOCK, type Clock } from '../../core/clock.js';
import { Events } from '../../core/events.js';
import { LOCAL_RATES, type RateCounter } from '../rate-counter.js';
import { SharedRates } from '../shared-rates.js';
import { RedisLink } from './redis-link.js';
import { hasCredentials } from './redis-options.js';
import { RedisRateCounter } from './redis-rate-counter.js';
import { RedisSection } from './redis.section.js';

/** Keeps the connection that `[redis]` describes, and counts over it what all processes count together. */
@Injectable()
export class RedisService implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('Redis');
  private link: RedisLink | undefined;

  constructor(
    private readonly config: ConfigService,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly events: Events,
    @Inject(LOCAL_RATES) private readonly local: RateCounter,
    private readonly shared: SharedRates,
  ) {}

  onModuleInit(): void {
    this.connect(this.config.snapshot);
    this.config.changes.subscribe(({ previous, next }) => {
      if (!isDeepStrictEqual(previous.get(RedisSection), next.get(RedisSection))) this.connect(next);
    });
  }

  onModuleDestroy(): void {
    this.disconnect();
  }

  private connect(snapshot: ConfigSnapshot): void {
    this.disconnect();
    const section = snapshot.get(RedisSection);
    if (section.url === undefined) return;
    this.warnOfPassword(section.url, snapshot);
    const changed = (up: boolean): void => this.events.emit('redis.changed', { up });
    const link = new RedisLink(section, { clock: this.clock, changed });
    this.link = link;
    this.shared.countAt(new RedisRateCounter(link, this.local));
    changed(false);
    void link.open();
  }

  private disconnect(): void {
    this.shared.countAt(undefined);
    this.link?.close();
    this.link = undefined;
  }

  private warnOfPassword(url: string, { provenance }: ConfigSnapshot): void {
    const isFromElsewhere = provenance.secretPaths.has(JSON.stringify(['redis', 'url']));
    if (isFromElsewhere || !hasCredentials(url)) return;
    this.logger.warn('[redis] url holds a password; write it as ${REDIS_URL} or ${file:/run/secrets/redis}');
  }
}
