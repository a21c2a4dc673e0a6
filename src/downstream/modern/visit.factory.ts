import { Inject, Injectable } from '@nestjs/common';

import { PRODUCT, type Product } from '../../core/product.js';
import type { Implementation } from '../../core/peer.js';
import type { Envelope, IncomingRequest } from '../../protocol/index.js';
import { CredentialExpiry } from '../credential-expiry.js';
import { ExchangeFactory } from '../exchange.factory.js';
import type { Outlet } from '../outlet.js';
import { ListenExchange } from './listen-exchange.js';
import { ModernExchange, type VisitHost } from './modern-exchange.js';
import type { ModernLeg } from './modern-leg.js';
import { Visitors } from './visitors.js';

/** Whoever sent a request without an envelope that can be read. */
const STRANGER: Envelope = Object.freeze({
  peer: Object.freeze({ era: 'modern', revision: '', capabilities: {}, info: { name: '', version: '' } }),
  logLevel: undefined,
});

/** Makes the exchanges of modern downstreams. */
@Injectable()
export class VisitFactory implements VisitHost {
  readonly self: Implementation;

  constructor(
    readonly house: ExchangeFactory,
    readonly visitors: Visitors,
    readonly expiry: CredentialExpiry,
    @Inject(PRODUCT) { name, version }: Product,
  ) {
    this.self = { name, version };
  }

  open(request: IncomingRequest, envelope: Envelope, leg: ModernLeg, outlet: Outlet): ModernExchange {
    const { session, principal, routeName, clientAddress, headers } = leg;
    if (session) {
      session.requests++;
      if (envelope !== STRANGER) session.visitor = envelope.peer;
    }
    const arrival = { envelope, session, principal, routeName, clientAddress, headers };
    return request.method === 'subscriptions/listen'
      ? new ListenExchange(request, arrival, outlet, this)
      : new ModernExchange(request, arrival, outlet, this);
  }

  /** For a request of which nothing is known but that it is refused. */
  openForStranger(request: IncomingRequest, leg: ModernLeg, outlet: Outlet): ModernExchange {
    return this.open(request, STRANGER, leg, outlet);
  }
}
