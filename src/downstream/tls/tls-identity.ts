import type { TlsOptions } from 'node:tls';

import type { ListenerTls, TlsServer } from '../../core/listener-tls.js';
import { type Certificate, isCertificate, readCertificate, wantsTls } from './certificate.js';
import type { TlsSection } from './tls.section.js';

/**
 * The certificate that all listeners show. Made before them, from what the configuration names at the start; one that
 * cannot be used there leaves it without any, so that every handshake fails until somebody has refused to start.
 */
export class TlsIdentity implements ListenerTls {
  private readonly servers = new Set<TlsServer>();

  private constructor(private current: Certificate | undefined) {}

  /** Undefined where the configuration wants no TLS. */
  static of(section: TlsSection): TlsIdentity | undefined {
    if (!wantsTls(section)) return undefined;
    const read = readCertificate(section);
    return new TlsIdentity(isCertificate(read) ? read : undefined);
  }

  get options(): TlsOptions {
    return this.current?.options ?? { minVersion: 'TLSv1.2' };
  }

  get validFrom(): number | undefined {
    return this.current?.validFrom;
  }

  get expiresAt(): number | undefined {
    return this.current?.expiresAt;
  }

  serve(server: TlsServer): void {
    this.servers.add(server);
    server.once('close', () => this.servers.delete(server));
  }

  /** Whether that is what is shown already. */
  isShown({ digest }: Certificate): boolean {
    return digest === this.current?.digest;
  }

  /** New connections see this one. Whoever is connected stays, and sessions of before are not resumed. */
  show(certificate: Certificate): void {
    this.current = certificate;
    for (const server of this.servers) {
      server.setSecureContext(certificate.options);
      // Read by the server for each connection, and not among what `setSecureContext` takes.
      const { requestCert, rejectUnauthorized } = certificate.options;
      Object.assign(server, { requestCert, rejectUnauthorized });
    }
  }
}
