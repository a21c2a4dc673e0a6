import { Controller, Get, Inject, ServiceUnavailableException } from '@nestjs/common';
import {
  HealthCheck,
  HealthCheckService,
  HealthIndicatorService,
  type HealthCheckResult,
  type HealthIndicatorResult,
} from '@nestjs/terminus';

import { LIFECYCLE, type Lifecycle } from '../core/views.js';
import { LoopLag } from './loop-lag.js';
import { Readiness } from './readiness.js';
import { UpstreamHealthSummary } from './upstream-health.js';

/** Beyond this, probes would time out before long anyway. Milliseconds. */
const INSANE_LAG_MS = 2_000;

/** What the admin API describes does not hold these, and terminus would load all of Swagger to describe them. */
const UNDOCUMENTED = { noCache: true, swaggerDocumentation: false };

/**
 * For supervisors and load balancers: answered from what is known already, without asking an upstream,
 * whatever the Host. No address, no session, no secret.
 */
@Controller()
export class HealthController {
  constructor(
    private readonly checks: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly upstreams: UpstreamHealthSummary,
    private readonly readiness: Readiness,
    private readonly lag: LoopLag,
    @Inject(LIFECYCLE) private readonly lifecycle: Lifecycle,
  ) {}

  /** How things are: 503 only while draining or when no server of any group is up. */
  @Get('health')
  @HealthCheck(UNDOCUMENTED)
  health(): Promise<HealthCheckResult> {
    const gateway = this.indicators.check('gateway');
    return this.checks.check([
      () => (this.lifecycle.draining ? gateway.down('draining') : gateway.up()),
      () => this.upstreamsNow(),
    ]);
  }

  /** Whether to send new work here. */
  @Get('readiness')
  @HealthCheck(UNDOCUMENTED)
  ready(): Promise<HealthCheckResult> {
    const state = this.readiness.state();
    const gateway = this.indicators.check('gateway');
    return this.checks.check([() => (state === 'ready' ? gateway.up() : gateway.down(state))]);
  }

  /**
   * Whether to leave this process alone. Not asked through terminus, which says no to everything as soon as
   * the process stops: what drains wants to be left alone.
   */
  @Get('liveness')
  @HealthCheck(UNDOCUMENTED)
  alive(): HealthCheckResult {
    const loop = this.indicators.check('event_loop');
    if (this.lag.ms < INSANE_LAG_MS) return { status: 'ok', details: loop.up() };
    throw new ServiceUnavailableException({ status: 'error', details: loop.down('late') });
  }

  private upstreamsNow(): HealthIndicatorResult {
    const { status, groups } = this.upstreams.get();
    const indicator = this.indicators.check('upstreams');
    if (status === 'down') return indicator.down({ groups });
    return status === 'up' ? indicator.up({ groups }) : indicator.degraded({ groups });
  }
}
