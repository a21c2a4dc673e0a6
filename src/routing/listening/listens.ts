import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock, type Timer } from '../../core/clock.js';
import { GatewayError } from '../../core/errors.js';
import { Events } from '../../core/events.js';
import type { Exchange } from '../../core/exchange.js';
import type { McpReply, McpRequest } from '../../core/message.js';
import { PrincipalTally } from '../../core/principal-tally.js';
import { Announcer } from '../announcer/announcer.js';
import type { Showings } from '../showing/showings.js';
import { Subscriptions } from '../subscriptions/subscriptions.js';
import { Listen } from './listen.js';
import { readFilter } from './listen-filter.js';

/** The shortest time between two looks at lists whose changes no server announces, in milliseconds. */
const SHORTEST_PAUSE_MS = 5_000;

export interface ListenSettings {
  /** Downstreams that may listen at the same time. */
  readonly max: number;
  /** Of these, those of one principal. */
  readonly maxPerPrincipal: number;
  /** How long a list is trusted whose server does not announce changes, in milliseconds. */
  readonly listTtl: number;
}

/**
 * Modern downstreams that listen, in every generation: each is told what is honoured of what it asked for, and from
 * then on of every change until it ends.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions
 */
@Injectable()
export class Listens {
  private readonly listens = new Set<Listen>();
  private readonly tally = new PrincipalTally();
  private settings: ListenSettings = { max: 1_024, maxPerPrincipal: 128, listTtl: 60_000 };
  private timer: Timer | undefined;

  constructor(
    private readonly announcer: Announcer,
    private readonly subscriptions: Subscriptions,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly events: Events,
  ) {}

  /** How many there are. */
  get size(): number {
    return this.listens.size;
  }

  /**
   * Answers a `subscriptions/listen` when nobody listens any more.
   *
   * @throws `limit_listens`, before anything was sent; else whatever ended the exchange
   */
  async open(request: McpRequest, exchange: Exchange, showings: Showings): Promise<McpReply> {
    const { route, principal } = exchange;
    const { max, maxPerPrincipal } = this.settings;
    if (this.listens.size >= max || this.tally.of(principal) >= maxPerPrincipal) {
      throw new GatewayError('limit_listens', 'too many clients listen; close what is not needed');
    }
    const { announcer, subscriptions, clock } = this;
    const listen = new Listen(readFilter(request), exchange, showings, { announcer, subscriptions, clock });
    this.listens.add(listen);
    this.tally.add(principal);
    this.events.emit('listen.opened', { route });
    this.watch();
    try {
      return await listen.run();
    } finally {
      this.listens.delete(listen);
      this.tally.remove(principal);
      this.events.emit('listen.closed', { route });
      if (this.listens.size === 0) this.rest();
    }
  }

  /** A new generation has come: whoever listens on a route that is gone has heard everything. */
  carryOver(routes: ReadonlyMap<string, Showings>, settings: ListenSettings): void {
    this.settings = settings;
    for (const listen of this.listens) if (!routes.has(listen.route)) listen.end();
    this.rest();
    this.watch();
  }

  /** Not every server says when its lists change: while somebody listens they are asked for as often as they expire. */
  private watch(): void {
    if (this.timer || this.listens.size === 0) return;
    this.timer = this.clock.after(Math.max(this.settings.listTtl, SHORTEST_PAUSE_MS), () => {
      this.timer = undefined;
      this.announcer.recheck();
      this.watch();
    });
  }

  private rest(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }
}
