import { Injectable } from '@nestjs/common';

import { Events } from '../core/events.js';

/** Requests answered since the start. */
@Injectable()
export class RequestCount {
  total = 0;
  /** Those that failed for another reason than the client: their status is 500 or more. */
  failed = 0;

  constructor(events: Events) {
    events.on('exchange.finished', ({ outcome }) => {
      this.total++;
      if (outcome.status >= 500) this.failed++;
    });
  }
}
