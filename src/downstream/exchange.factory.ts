import { randomBytes } from 'node:crypto';

import { Inject, Injectable, Logger } from '@nestjs/common';

import { ResourceServer } from '../auth/index.js';
import { CLOCK, type Clock } from '../core/clock.js';
import type { ErrorCode } from '../core/error-table.js';
import { GatewayError } from '../core/errors.js';
import { Events } from '../core/events.js';
import type { Exchange } from '../core/exchange.js';
import type { IncomingRequest } from '../protocol/index.js';
import type { ExchangeHost, Origin, Place } from './exchange-host.js';
import { InputCourier } from './input-courier.js';
import { Intake } from './intake.js';
import { LegacyExchange } from './legacy-exchange.js';
import type { Outlet } from './outlet.js';
import { Overdue } from './overdue.js';

/** The house of all exchanges: makes those of legacy downstreams, and announces how each of them ended. */
@Injectable()
export class ExchangeFactory implements ExchangeHost {
  private readonly logger = new Logger('Exchange');
  /** Tells the ids of this process from those of any other. */
  private readonly run = randomBytes(6).toString('base64url');
  private count = 0;

  constructor(
    @Inject(CLOCK) readonly clock: Clock,
    readonly intake: Intake,
    readonly overdue: Overdue,
    readonly inputs: InputCourier,
    private readonly events: Events,
    private readonly server: ResourceServer,
  ) {}

  get requestTimeout(): number {
    return this.overdue.requestTimeout;
  }

  open(request: IncomingRequest, origin: Origin, outlet: Outlet): LegacyExchange {
    origin.session.requests++;
    return new LegacyExchange(request, origin, outlet, this);
  }

  nextId(): string {
    return `${this.run}-${(this.count++).toString(36)}`;
  }

  failure(thrown: unknown, place: Place): GatewayError {
    const error = GatewayError.from(thrown);
    if (error.code === 'gateway_fault') this.logger.error(error.cause ?? error);
    if (error.code !== 'auth_insufficient_scope') return error;
    return this.server.completed(error, { route: place.routeName, headers: place.headers });
  }

  finished(exchange: Exchange, status: number, reason: ErrorCode | 'upstream_error' | undefined): void {
    const latencyMs = this.clock.now() - exchange.startedAt;
    this.events.emit('exchange.finished', { exchange, outcome: { status, reason, latencyMs } });
  }
}
