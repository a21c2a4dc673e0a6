import { IsBoolean, IsInt, Max, Min } from 'class-validator';

import { Doc, IsDuration } from '../../config/index.js';

/** `[upstream.health_check]` */
export class HealthCheckConfig {
  @Doc('Whether connected servers are asked now and then whether they are still there (`ping`).')
  @IsBoolean()
  readonly enabled: boolean = true;

  @Doc('Time from one check of a server to the next.')
  @IsDuration({ min: 100 })
  readonly interval: number = 15_000;

  @Doc('How long a server may take to answer a check.')
  @IsDuration({ min: 1 })
  readonly timeout: number = 5_000;

  @Doc('Failed checks in a row after which a server is offered no more requests.')
  @IsInt()
  @Min(1)
  @Max(100)
  readonly unhealthyThreshold: number = 3;

  @Doc('Answered checks in a row after which it is offered requests again.')
  @IsInt()
  @Min(1)
  @Max(100)
  readonly healthyThreshold: number = 2;

  @Doc('Share of the interval by which it is varied, so that the servers are not all asked at once.')
  @Min(0)
  @Max(1)
  readonly jitter: number = 0.2;
}
