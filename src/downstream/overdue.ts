import { Inject, Injectable } from '@nestjs/common';

import { ConfigService, TimeoutSection } from '../config/index.js';
import { CLOCK, type Clock } from '../core/clock.js';
import { DeadlineSweep } from '../core/deadline-sweep.js';
import { GatewayError } from '../core/errors.js';
import type { InFlight } from '../session/index.js';
import { Connections } from './connections.js';
import { Visitors } from './modern/visitors.js';

/** Whoever holds a request up is left this time to say so itself: it knows more about it. Milliseconds. */
const GRACE_MS = 50;

/** Ends exchanges that nobody else has ended in time: no filter, list or server can hold one up for longer. */
@Injectable()
export class Overdue {
  /** How long a whole exchange may take. Milliseconds. */
  requestTimeout: number;
  private readonly sweep: DeadlineSweep<InFlight>;

  constructor(connections: Connections, visitors: Visitors, @Inject(CLOCK) clock: Clock, config: ConfigService) {
    this.requestTimeout = config.get(TimeoutSection).request;
    config.changes.subscribe(({ next }) => {
      this.requestTimeout = next.get(TimeoutSection).request;
    });
    this.sweep = new DeadlineSweep(
      clock,
      () => [...connections.all().flatMap(({ session }) => session.inFlight.values()), ...visitors.all()],
      (late) => late.fail(new GatewayError('upstream_timeout', 'the request took too long', doubtOf(late))),
      GRACE_MS,
    );
  }

  /** An exchange is in flight that has to end by then. Monotonic milliseconds. */
  watch(deadline: number): void {
    this.sweep.watch(deadline);
  }
}

/** What a server was picked for may have been carried out. */
function doubtOf({ server }: InFlight): { maybeExecuted?: true } {
  return server ? { maybeExecuted: true } : {};
}
