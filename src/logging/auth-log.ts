import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';

import { CLOCK, type Clock } from '../core/clock.js';
import { displayText } from '../core/display-text.js';
import { type AuthDecision, Events } from '../core/events.js';
import { paceOf, step } from '../core/gcra.js';
import { ROOT_LOGGER } from './root-logger.js';

/** How many warnings a minute, so that nobody fills the disk by guessing. */
const PACE = paceOf(10, 60_000, 10);

/** A line for whoever was let in or turned away. Names the principal, and nothing else that is known of it. */
@Injectable()
export class AuthLog {
  private tat = 0;
  private unsaid = 0;

  constructor(
    events: Events,
    @Inject(ROOT_LOGGER) private readonly logger: Logger,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    events.on('auth.decided', (event) => this.onDecided(event));
  }

  private onDecided(event: AuthDecision): void {
    const fields = fieldsOf(event);
    if (event.outcome === 'granted') return this.logger.debug(fields, 'authenticated');
    // Clients that sign in by OAuth begin by showing nothing.
    if (event.why === 'nothing_shown') return this.logger.debug(fields, 'authentication required');
    const { allowed, tat } = step(this.tat, this.clock.now(), PACE);
    this.tat = tat;
    if (!allowed) {
      this.unsaid++;
      return this.logger.debug(fields, `authentication ${event.outcome}`);
    }
    this.logger.warn(
      { ...fields, ...(this.unsaid > 0 ? { unsaid: this.unsaid } : {}) },
      `authentication ${event.outcome}`,
    );
    this.unsaid = 0;
  }
}

function fieldsOf({ method, why, principal, route, clientAddress, requestId }: AuthDecision): object {
  const subject = principal === undefined ? undefined : displayText(principal.subject);
  return { request_id: requestId, auth_method: method, why, subject, route, client_address: clientAddress };
}
