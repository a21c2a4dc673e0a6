import { Inject, Injectable } from '@nestjs/common';

import { CLOCK, type Clock } from '../../core/clock.js';
import { CancelledError, GatewayError } from '../../core/errors.js';
import type { Exchange, Stay, Target } from '../../core/exchange.js';
import { result, type McpReply, type Params } from '../../core/message.js';
import { PrincipalTally } from '../../core/principal-tally.js';
import type { Group } from '../../upstream/index.js';
import type { GroupHolder, HolderListener } from '../holder/group-holder.js';
import { Holders } from '../holder/holders.js';
import { GroupSubscriptions } from './group-subscriptions.js';
import { LONGEST_URI } from './resource-uris.js';
import { Subscriber, type Claim } from './subscriber.js';
import type { Patience } from './topic.js';

/** How much may be subscribed to. */
export interface SubscriptionLimits {
  /** By one downstream. */
  readonly perStay: number;
  /** By one principal. */
  readonly perPrincipal: number;
  /** By all of them. */
  readonly inAll: number;
}

/** What a downstream wants to hear of. */
export interface Interest {
  /** Name of the route by which it came. */
  readonly route: string;
  /** Name of the group. */
  readonly group: string;
  /** As the servers of the group call it. */
  readonly uri: string;
  /** As the downstream calls it. */
  readonly name: string;
  /** On whose session; undefined for the one that everybody shares. */
  readonly holder: GroupHolder | undefined;
}

/**
 * Who subscribed to which resources, in every generation: a server is told of the first subscription to one of
 * its resources and of the end of the last, and what it tells of them reaches those who subscribed and nobody else.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/server/resources#subscriptions
 */
@Injectable()
export class Subscriptions implements HolderListener {
  private readonly subscribers = new Map<Stay, Subscriber>();
  private readonly groups = new Map<string, GroupSubscriptions>();
  private running: ReadonlyMap<string, Group> = new Map();
  private limits: SubscriptionLimits = { perStay: 1_000, perPrincipal: 10_000, inAll: 100_000 };
  private readonly tally = new PrincipalTally();
  private count = 0;

  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    holders: Holders,
  ) {
    holders.listen(this);
  }

  /** Everything that downstreams subscribed to. */
  get size(): number {
    return this.count;
  }

  /** A new generation has come: what is wanted of groups that are gone is forgotten. */
  carryOver(groups: readonly Group[], limits: SubscriptionLimits): void {
    this.limits = limits;
    this.running = new Map(groups.map((group) => [group.name, group]));
    for (const [name, known] of this.groups) {
      const group = this.running.get(name);
      if (group) known.moveTo(group);
      else this.drop(name, known);
    }
  }

  /** @throws `limit_subscriptions`, `protocol_invalid_params`, else as `Group.ask`; and then nothing has changed */
  async subscribe(interest: Interest, exchange: Pick<Exchange, 'stay'> & Patience): Promise<McpReply> {
    if (exchange.stay.ended) throw new CancelledError();
    const subscriber = this.subscriberOf(exchange.stay);
    const key = keyOf(interest.group, interest.uri);
    try {
      const claim = subscriber.claims.get(key) ?? this.claim(key, interest, subscriber);
      return await this.during(claim, async () => {
        const reply = await claim.topic.enter(subscriber, claim.name, exchange);
        if (reply.kind === 'result') claim.held = true;
        return reply;
      });
    } finally {
      this.tidy(subscriber, key);
    }
  }

  /**
   * Subscribes as soon as a server can be asked, for a downstream that counts on it already. Whether a server refuses
   * is told to nobody.
   *
   * @throws `limit_subscriptions`, `protocol_invalid_params`, `upstream_unavailable` for a group that is gone
   */
  expect(interest: Interest, stay: Stay): void {
    if (stay.ended) throw new CancelledError();
    const subscriber = this.subscriberOf(stay);
    const key = keyOf(interest.group, interest.uri);
    try {
      const claim = subscriber.claims.get(key) ?? this.claim(key, interest, subscriber);
      claim.held = true;
      claim.topic.expect(subscriber, claim.name);
    } finally {
      this.tidy(subscriber, key);
    }
  }

  /** How many more resources a downstream may subscribe to. */
  roomFor(stay: Stay): number {
    const { perStay, perPrincipal, inAll } = this.limits;
    const ofStay = perStay - (this.subscribers.get(stay)?.claims.size ?? 0);
    return Math.max(0, Math.min(ofStay, perPrincipal - this.tally.of(stay.principal), inAll - this.count));
  }

  /** Ends what downstreams may not hear of any more. */
  revise(mayFollow: (route: string, stay: Stay, resource: Target) => boolean): void {
    for (const subscriber of this.subscribers.values()) {
      for (const [key, { route, target, topic }] of subscriber.claims) {
        if (mayFollow(route, subscriber.stay, target)) continue;
        void topic.leave(subscriber);
        this.forget(subscriber, key);
      }
    }
  }

  /** Ends all subscriptions of a downstream. */
  release(stay: Stay): void {
    const subscriber = this.subscribers.get(stay);
    if (subscriber) this.end(subscriber);
  }

  /** Ends a subscription; the answer is the same where there was none. */
  async unsubscribe({ group, uri }: Pick<Interest, 'group' | 'uri'>, stay: Stay): Promise<McpReply> {
    const subscriber = this.subscribers.get(stay);
    const key = keyOf(group, uri);
    const claim = subscriber?.claims.get(key);
    if (!subscriber || !claim) return result({});
    try {
      return await this.during(claim, async () => {
        const reply = await claim.topic.leave(subscriber);
        claim.held = false;
        return reply;
      });
    } finally {
      this.tidy(subscriber, key);
    }
  }

  resourceUpdated(params: Params, holder: GroupHolder, server: string): void {
    this.groups.get(holder.group)?.updated(params, server, holder);
  }

  renewed(server: string, holder: GroupHolder): void {
    this.groups.get(holder.group)?.renewed(server, holder);
  }

  lost(server: string, holder: GroupHolder): void {
    this.groups.get(holder.group)?.lost(server, holder);
  }

  /** Asks nothing any more, and tells nobody. */
  close(): void {
    for (const [name, known] of this.groups) this.drop(name, known);
  }

  private claim(
    key: string,
    { route, group: name, uri, name: called, holder }: Interest,
    subscriber: Subscriber,
  ): Claim {
    const group = this.running.get(name);
    if (!group) throw new GatewayError('upstream_unavailable', 'the group is not there any more');
    if (uri.length > LONGEST_URI)
      throw new GatewayError('protocol_invalid_params', `uri has more than ${LONGEST_URI} characters`);
    if (this.roomFor(subscriber.stay) === 0)
      throw new GatewayError('limit_subscriptions', 'too many subscriptions; end some that are not needed');
    const known = this.groups.get(name) ?? new GroupSubscriptions(group, this.clock);
    this.groups.set(name, known);
    const target = { group: name, name: uri };
    const claim = { topic: known.topic(uri, holder), route, target, name: called, held: false, pending: 0 };
    claim.topic.claim();
    subscriber.claims.set(key, claim);
    this.count++;
    this.tally.add(subscriber.stay.principal);
    return claim;
  }

  private async during<T>(claim: Claim, step: () => Promise<T>): Promise<T> {
    claim.pending++;
    try {
      return await step();
    } finally {
      claim.pending--;
    }
  }

  private subscriberOf(stay: Stay): Subscriber {
    const known = this.subscribers.get(stay);
    if (known) return known;
    const subscriber = new Subscriber(stay, (ended) => this.end(ended));
    this.subscribers.set(stay, subscriber);
    return subscriber;
  }

  private end(subscriber: Subscriber): void {
    for (const [key, { topic }] of subscriber.claims) {
      void topic.leave(subscriber);
      this.forget(subscriber, key);
    }
  }

  /** Forgets a claim that came to nothing or is over. */
  private tidy(subscriber: Subscriber, key: string): void {
    const claim = subscriber.claims.get(key);
    if (!claim || (!claim.held && claim.pending === 0)) this.forget(subscriber, key);
  }

  private forget(subscriber: Subscriber, key: string): void {
    if (subscriber.claims.has(key)) {
      this.count--;
      this.tally.remove(subscriber.stay.principal);
    }
    subscriber.forget(key)?.topic.disclaim();
    if (subscriber.claims.size > 0) return;
    subscriber.close();
    if (this.subscribers.get(subscriber.stay) === subscriber) this.subscribers.delete(subscriber.stay);
  }

  private drop(name: string, known: GroupSubscriptions): void {
    known.close();
    this.groups.delete(name);
    for (const subscriber of this.subscribers.values()) {
      for (const key of subscriber.claims.keys()) if (key.startsWith(keyOf(name, ''))) this.forget(subscriber, key);
    }
  }
}

/** Names of groups are words without line breaks. */
function keyOf(group: string, uri: string): string {
  return `${group}\n${uri}`;
}
