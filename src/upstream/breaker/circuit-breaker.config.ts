import { IsBoolean, IsInt, Max, Min } from 'class-validator';

import { Doc, IsDuration } from '../../config/index.js';

/** `[upstream.circuit_breaker]` */
export class CircuitBreakerConfig {
  @Doc('Whether a server that keeps failing is left alone for a while.')
  @IsBoolean()
  readonly enabled: boolean = true;

  @Doc(
    'Failures in a row that open the breaker: refused connections, time-outs, broken transports, HTTP 5xx; never an error that the server itself answers.',
  )
  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly failureThreshold: number = 5;

  @Doc(
    'How long an open breaker keeps requests away before it lets a single one try. Doubles with every trial that fails.',
  )
  @IsDuration({ min: 1 })
  readonly openDuration: number = 5_000;

  @Doc('The longest that an open breaker keeps requests away.')
  @IsDuration({ min: 1 })
  readonly maxOpenDuration: number = 60_000;

  @Doc('Share of the open duration by which it is varied, so that gateways do not all try at once.')
  @Min(0)
  @Max(1)
  readonly jitter: number = 0.2;
}
