import { Inject, Injectable, Optional, type Provider } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';

import { Events } from '../core/events.js';
import { LISTENER_TLS, type ListenerTls } from '../core/listener-tls.js';

const EXPIRY = 'mcp_gateway_tls_certificate_expiry_seconds';
const RELOADS = 'mcp_gateway_tls_reloads_total';

/** Shows when the certificate of the listeners ends, and how replacing it goes. */
@Injectable()
export class TlsMetrics {
  constructor(
    events: Events,
    @InjectMetric(EXPIRY) expiry: Gauge,
    @InjectMetric(RELOADS) reloads: Counter,
    @Optional() @Inject(LISTENER_TLS) tls?: ListenerTls,
  ) {
    // Without a certificate there must be no time, rather than one that is long past.
    const show = (): void => {
      if (tls?.expiresAt !== undefined) expiry.set({ certificate: 'server' }, tls.expiresAt);
    };
    show();
    events.on('certificate.read', ({ outcome }) => {
      reloads.inc({ outcome });
      show();
    });
  }
}

export const TLS_METRICS: Provider[] = [
  TlsMetrics,
  makeGaugeProvider({
    name: EXPIRY,
    aggregator: 'min',
    help: 'When the certificate that listeners show ends, in seconds since 1970.',
    labelNames: ['certificate'],
  }),
  makeCounterProvider({
    name: RELOADS,
    help: 'Times that the files of the certificate had changed: replaced, or refused and the old one kept.',
    labelNames: ['outcome'],
  }),
];
