import type { Clock } from '../core/clock.js';
import { DeadlineSweep } from '../core/deadline-sweep.js';
import { GatewayError, UnsentError } from '../core/errors.js';
import type { Seeker } from './call-host.js';

/** How many calls may wait for a server of one group. */
const PLACES = 1_024;
/** How long a call waits at most. */
const PATIENCE_MS = 5_000;

interface Waiting {
  readonly call: Seeker;
  readonly deadline: number;
}

/** Where calls wait while no server takes requests and one is expected back: for a moment, and not too many. */
export class WaitingRoom {
  private readonly waiting = new Map<Seeker, Waiting>();
  private readonly sweep: DeadlineSweep<Waiting>;

  constructor(private readonly clock: Clock) {
    this.sweep = new DeadlineSweep(
      clock,
      () => this.waiting.values(),
      ({ call }) => {
        this.leave(call);
        call.giveUp(nobodyCame());
      },
    );
  }

  get isEmpty(): boolean {
    return this.waiting.size === 0;
  }

  /** @throws `upstream_overloaded` when it is full */
  enter(call: Seeker): void {
    if (this.waiting.size >= PLACES) {
      throw new UnsentError('upstream_overloaded', 'too many requests wait for a server');
    }
    const deadline = Math.min(call.deadline, this.clock.now() + PATIENCE_MS);
    this.waiting.set(call, { call, deadline });
    call.signal?.addEventListener('abort', call);
    this.sweep.watch(deadline);
  }

  leave(call: Seeker): void {
    if (this.waiting.delete(call)) call.signal?.removeEventListener('abort', call);
  }

  /** A server is there, or none will come: all try again, in the order in which they came. */
  empty(): void {
    // Who has to wait again joins at the end, and is not asked a second time.
    for (const call of Array.from(this.waiting.keys())) {
      this.leave(call);
      call.proceed();
    }
  }
}

/** What is said when no server of a group takes requests. */
export function nobodyCame(): GatewayError {
  return new UnsentError('upstream_unavailable', 'no server of the group is available');
}
