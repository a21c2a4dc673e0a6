import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

import { ConfigService, formatProblem, watchFile } from '../../config/index.js';
import { CLOCK, type Clock } from '../../core/clock.js';
import { Events } from '../../core/events.js';
import { LISTENER_TLS } from '../../core/listener-tls.js';
import { isCertificate, readCertificate, wantsTls } from './certificate.js';
import type { TlsIdentity } from './tls-identity.js';
import { TlsSection } from './tls.section.js';

/**
 * Keeps the certificate as new as its files and the configuration: a renewed one is shown to new connections, one that
 * cannot be used is told of, and the old one stays.
 */
@Injectable()
export class TlsReload implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Tls');
  private stopWatching: (() => void)[] = [];
  /** What was said last to be wrong, so that it is said once. */
  private complaint: string | undefined;

  constructor(
    @Inject(LISTENER_TLS) private readonly identity: TlsIdentity | undefined,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly config: ConfigService,
    private readonly events: Events,
  ) {
    config.addCheck((next) => {
      const read = readCertificate(next.get(TlsSection));
      return isCertificate(read) ? [] : read;
    });
    config.changes.subscribe(({ previous, next }) => this.changed(previous.get(TlsSection), next.get(TlsSection)));
  }

  onApplicationBootstrap(): void {
    this.warnOfDates();
    this.watch();
  }

  onModuleDestroy(): void {
    for (const stop of this.stopWatching.splice(0)) stop();
  }

  /** Looks at the files; does nothing where they say what is shown already. */
  refresh(): void {
    const { identity } = this;
    if (!identity) return;
    const read = readCertificate(this.config.get(TlsSection));
    if (!isCertificate(read)) return this.complain(read.map(formatProblem).join('; '));
    this.complaint = undefined;
    if (identity.isShown(read)) return;
    identity.show(read);
    this.logger.log(
      `the certificate was replaced; it is valid until ${new Date(read.expiresAt * 1_000).toISOString()}`,
    );
    this.warnOfDates();
    this.events.emit('certificate.read', { outcome: 'replaced' });
  }

  private changed(previous: TlsSection, next: TlsSection): void {
    if (previous === next) return;
    if (wantsTls(next) !== (this.identity !== undefined)) {
      this.logger.warn('turning TLS on or off in [server.tls] takes effect after a restart');
      return;
    }
    this.onModuleDestroy();
    this.watch();
    this.refresh();
  }

  private watch(): void {
    if (!this.identity) return;
    const { certFile, keyFile, clientCaFile } = this.config.get(TlsSection);
    const files = new Set([certFile, keyFile, clientCaFile].filter((file) => file !== undefined));
    const look = (): Promise<void> => Promise.resolve(this.refresh());
    this.stopWatching = Array.from(files, (file) => watchFile(file, look));
  }

  private complain(complaint: string): void {
    if (complaint === this.complaint) return;
    this.complaint = complaint;
    this.logger.error(`the certificate cannot be replaced, the old one stays: ${complaint}`);
    this.events.emit('certificate.read', { outcome: 'refused' });
  }

  private warnOfDates(): void {
    const { validFrom, expiresAt } = this.identity ?? {};
    if (validFrom === undefined || expiresAt === undefined) return;
    const now = this.clock.wall() / 1_000;
    if (now > expiresAt) this.logger.warn('the certificate has expired: clients will not connect');
    else if (now < validFrom) this.logger.warn('the certificate is not valid yet: clients will not connect');
  }
}
