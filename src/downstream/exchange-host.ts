import type { IncomingHttpHeaders } from 'node:http';

import type { Clock } from '../core/clock.js';
import type { ErrorCode } from '../core/error-table.js';
import type { GatewayError } from '../core/errors.js';
import type { Exchange } from '../core/exchange.js';
import type { Principal } from '../core/principal.js';
import type { Session } from '../session/index.js';
import type { InputCourier } from './input-courier.js';
import type { Intake } from './intake.js';
import type { Overdue } from './overdue.js';

/** What an exchange needs of the house it lives in. */
export interface ExchangeHost {
  readonly clock: Clock;
  readonly intake: Intake;
  readonly overdue: Overdue;
  readonly inputs: InputCourier;
  /** Milliseconds. */
  readonly requestTimeout: number;
  nextId(): string;
  /** What was thrown, as one of ours, with all that the client has to know; what nobody foresaw is logged. */
  failure(thrown: unknown, place: Place): GatewayError;
  finished(exchange: Exchange, status: number, reason: ErrorCode | 'upstream_error' | undefined): void;
}

/** Where an exchange came in, and from whom. */
export interface Place {
  /** Name of the route that the downstream came by. */
  readonly routeName: string;
  readonly clientAddress: string;
  /** Over HTTP, whoever the credential of this very request vouches for. */
  readonly principal: Principal;
  /** What came with the message. Undefined on wires that have no headers. */
  readonly headers: IncomingHttpHeaders | undefined;
}

/** Where a legacy exchange came in. */
export interface Origin extends Place {
  readonly session: Session;
}
