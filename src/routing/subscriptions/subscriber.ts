import type { Stay, Target } from '../../core/exchange.js';
import type { Params } from '../../core/message.js';
import type { UpdateListener } from './listeners.js';
import { updateOf } from './resource-uris.js';
import type { Topic } from './topic.js';

const UPDATED = 'notifications/resources/updated';

/** One resource that a downstream subscribed to, or is about to. */
export interface Claim {
  readonly topic: Topic;
  /** Name of the route by which it was subscribed first. */
  readonly route: string;
  /** What it is about. */
  readonly target: Target;
  /** What the downstream calls the resource. */
  readonly name: string;
  /** Whether it is subscribed, as far as it was told. */
  held: boolean;
  /** Requests that may change that and are under way. */
  pending: number;
}

/** A downstream that subscribed to something, or is about to. */
export class Subscriber implements UpdateListener {
  /** By group and URI. */
  readonly claims = new Map<string, Claim>();
  /** What it calls the resources that changed while it did not keep up: each is told once, when it does again. */
  private readonly behind = new Set<string>();
  private readonly stopWaiting: () => void;

  constructor(
    readonly stay: Stay,
    onEnd: (subscriber: Subscriber) => void,
  ) {
    this.stopWaiting = stay.onEnd(() => onEnd(this));
  }

  /** Takes out a claim. */
  forget(key: string): Claim | undefined {
    const claim = this.claims.get(key);
    if (claim) this.behind.delete(claim.name);
    this.claims.delete(key);
    return claim;
  }

  /** Lets go of the stay. */
  close(): void {
    this.stopWaiting();
  }

  tell(params: Params, subscribed: string): void {
    if (!this.stay.flow.congested) return this.deliver(params);
    if (this.behind.size === 0) this.stay.flow.whenClear(() => this.catchUp());
    this.behind.add(subscribed);
  }

  private catchUp(): void {
    const missed = [...this.behind];
    this.behind.clear();
    for (const uri of missed) this.tell(updateOf(uri), uri);
  }

  private deliver(params: Params): void {
    if (!this.stay.ended) this.stay.deliver({ kind: 'notification', method: UPDATED, params });
  }
}
