import { Inject, Injectable, Logger } from '@nestjs/common';

import { ConfigService } from '../config/index.js';
import { CLOCK, type Clock } from '../core/clock.js';
import type { GatewayError } from '../core/errors.js';
import { Events } from '../core/events.js';
import { type RuleName, RULES, Violation } from '../protocol/index.js';
import { GatewaySection } from '../routing/index.js';

/** How long nothing more is said of a rule once something was. Milliseconds. */
const SAY_AGAIN_MS = 60_000;

/** Decides what becomes of whoever breaks a rule, as `[gateway] validation` has it. Costs nothing while nobody does. */
@Injectable()
export class Validation {
  private readonly logger = new Logger('Validation');
  /** When each rule was last spoken of. Monotonic milliseconds. */
  private readonly saidAt = new Map<RuleName, number>();

  constructor(
    private readonly events: Events,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly config: ConfigService,
  ) {}

  /**
   * What is to be refused: nothing where the rule that was broken is forgiven. To be asked once of each problem,
   * because it is counted; a problem that is about no rule is returned as it is.
   */
  judge<Problem extends GatewayError>(problem: Problem | undefined): Problem | undefined {
    if (!(problem instanceof Violation)) return problem;
    const { validation } = this.config.get(GatewaySection);
    const isForgiven = validation !== 'strict' && RULES[problem.rule].forgivable;
    this.events.emit('rule.broken', {
      leg: 'downstream',
      rule: problem.rule,
      action: isForgiven ? 'forgiven' : 'refused',
    });
    if (!isForgiven) return problem;
    if (validation === 'observe') this.say(problem);
    return undefined;
  }

  private say({ rule, message }: Violation): void {
    const now = this.clock.now();
    if (now < (this.saidAt.get(rule) ?? -Infinity) + SAY_AGAIN_MS) return;
    this.saidAt.set(rule, now);
    this.logger.warn(`forgiven: ${rule} (${message})`);
  }
}
