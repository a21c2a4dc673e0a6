import { offers } from '../../bridge/index.js';
import type { Clock } from '../../core/clock.js';
import type { ErrorCode } from '../../core/error-table.js';
import { GatewayError } from '../../core/errors.js';
import type { Exchange, Target } from '../../core/exchange.js';
import type { Showing } from '../showing/showing.js';
import type { Interest, Subscriptions } from '../subscriptions/subscriptions.js';

/** Resources that one listen subscribes to at the same time, at most. */
const AT_ONCE = 16;
/** How long one of them may take before it is left to be done in the background, in milliseconds. */
const ASK_MS = 30_000;

/** What will not be another time: these are the fault of whoever asks. */
const FINAL: ReadonlySet<ErrorCode> = new Set(['limit_subscriptions', 'protocol_invalid_params', 'exchange_cancelled']);

/** One resource that a downstream wants to hear of. */
interface Wish {
  readonly name: string;
  /** Whose it is, once that is known. */
  interest?: Interest;
  /** Whether it is subscribed to, or left out for good. Undefined while that is open. */
  isHeld?: boolean;
}

/** Where resources are looked up, and which of them may be told of. */
export interface ShownResources {
  readonly showing: Showing;
  readonly mayFollow: (resource: Target) => boolean;
  readonly route: string;
}

export interface ResourceTools {
  readonly subscriptions: Pick<Subscriptions, 'subscribe' | 'expect' | 'roomFor'>;
  readonly clock: Clock;
}

/**
 * The resources of one listen: each is looked up, then subscribed to. What a slow server has not answered when the
 * downstream has to be told is promised, and comes about later.
 */
export class ListenedResources {
  private readonly wishes: readonly Wish[];
  private readonly queue = new Set<Wish>();
  private running = 0;
  private open: number;
  private promised = false;
  private readonly done = Promise.withResolvers<void>();

  /** @param names URIs in the words of the downstream; those beyond the limit are left out */
  constructor(
    names: readonly string[],
    private readonly exchange: Pick<Exchange, 'stay' | 'signal'>,
    private readonly shown: ShownResources,
    private readonly tools: ResourceTools,
  ) {
    const room = tools.subscriptions.roomFor(exchange.stay);
    this.wishes = names.slice(0, room).map((name) => ({ name }));
    this.open = this.wishes.length;
    if (this.open === 0) this.done.resolve();
  }

  /** Settles when each of them is subscribed to or left out; never rejects. */
  subscribe(): Promise<void> {
    for (const wish of this.wishes) this.seek(wish);
    return this.done.promise;
  }

  /** Those that the downstream will hear of, in its own words. What is not even found by now is left out for good. */
  promise(): string[] {
    this.promised = true;
    return this.wishes.filter(({ isHeld, interest }) => isHeld ?? interest !== undefined).map(({ name }) => name);
  }

  private seek(wish: Wish): void {
    const target = this.shown.showing.directory.resource(wish.name);
    if (target instanceof Promise) void target.then((found) => this.found(wish, found));
    else this.found(wish, target);
  }

  private found(wish: Wish, target: Exchange['target']): void {
    const { showing, mayFollow, route } = this.shown;
    const member = target && showing.byName.get(target.group);
    if (!target || !member || this.promised || !offers(member.group.peer, 'resources.subscribe')) {
      return this.settle(wish, false);
    }
    if (!mayFollow(target)) {
      return this.settle(wish, false);
    }
    wish.interest = { group: target.group, uri: target.name, name: wish.name, holder: member.holder, route };
    this.queue.add(wish);
    if (this.running < AT_ONCE) void this.work();
  }

  private async work(): Promise<void> {
    this.running++;
    for (const wish of this.queue) {
      this.queue.delete(wish);
      if (wish.interest) this.settle(wish, await this.enter(wish.interest));
    }
    this.running--;
  }

  /** Whether the downstream hears of it, now or as soon as a server can be asked. */
  private async enter(interest: Interest): Promise<boolean> {
    const { stay, signal } = this.exchange;
    const { subscriptions, clock } = this.tools;
    try {
      const patience = { stay, signal, deadline: clock.now() + ASK_MS };
      const reply = await subscriptions.subscribe(interest, patience);
      return reply.kind === 'result';
    } catch (thrown) {
      return !FINAL.has(GatewayError.from(thrown).code) && this.expect(interest);
    }
  }

  private expect(interest: Interest): boolean {
    const { stay, signal } = this.exchange;
    if (signal.aborted || stay.ended) return false;
    try {
      this.tools.subscriptions.expect(interest, stay);
      return true;
    } catch {
      return false;
    }
  }

  private settle(wish: Wish, isHeld: boolean): void {
    wish.isHeld = isHeld;
    if (--this.open === 0) this.done.resolve();
  }
}
