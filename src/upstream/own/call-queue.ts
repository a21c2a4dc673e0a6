import type { Clock } from '../../core/clock.js';
import { DeadlineSweep } from '../../core/deadline-sweep.js';
import { CancelledError, UnsentError, type GatewayError } from '../../core/errors.js';
import type { Call } from '../channel/call.js';

/** A call that is not sent yet. */
class Waiting {
  constructor(
    readonly call: Call,
    private readonly queue: CallQueue,
  ) {}

  get deadline(): number {
    return this.call.deadline;
  }

  /** The signal of the call was aborted. */
  handleEvent(): void {
    const reason: unknown = this.call.signal?.reason;
    if (this.queue.leave(this)) this.call.failed(reason instanceof CancelledError ? reason : new CancelledError());
  }
}

/** Calls that wait for their turn on one upstream session, in the order in which they came, each until its deadline. */
export class CallQueue {
  private readonly waiting = new Set<Waiting>();
  private readonly sweep: DeadlineSweep<Waiting>;

  /** @param places how many may wait */
  constructor(
    clock: Clock,
    private readonly places: number,
  ) {
    this.sweep = new DeadlineSweep(
      clock,
      () => this.waiting,
      (late) => {
        if (this.leave(late)) late.call.failed(overloaded('the upstream session had no turn for the request in time'));
      },
    );
  }

  get size(): number {
    return this.waiting.size;
  }

  /** Never throws: a call that cannot wait hears of it. */
  enter(call: Call): void {
    if (this.waiting.size >= this.places) {
      return call.failed(overloaded('too many requests wait for the upstream session'));
    }
    if (call.signal?.aborted) return call.failed(new CancelledError());
    const waiting = new Waiting(call, this);
    this.waiting.add(waiting);
    call.signal?.addEventListener('abort', waiting);
    this.sweep.watch(call.deadline);
  }

  /** The call that has waited longest, which waits no more. */
  shift(): Call | undefined {
    for (const waiting of this.waiting) {
      this.leave(waiting);
      return waiting.call;
    }
    return undefined;
  }

  failAll(error: GatewayError): void {
    // Who comes again comes to another session.
    for (const waiting of Array.from(this.waiting)) {
      if (this.leave(waiting)) waiting.call.failed(error);
    }
    this.sweep.close();
  }

  /** False when it had left already. */
  leave(waiting: Waiting): boolean {
    waiting.call.signal?.removeEventListener('abort', waiting);
    return this.waiting.delete(waiting);
  }
}

function overloaded(what: string): UnsentError {
  return new UnsentError('upstream_overloaded', what);
}
