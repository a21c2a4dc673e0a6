import { Inject } from '@nestjs/common';

import { CLOCK, type Clock } from '../../core/clock.js';
import { isSameGrant, type Principal, principalOf } from '../../core/principal.js';
import { AuthMethod } from '../auth-method.js';
import { AuthRefusal } from '../auth-refusal.js';
import type { AuthSection } from '../auth.section.js';
import type { ClientCertificate, Credentials, TlsSocket } from '../credentials.js';
import { subjectOf } from '../mtls/certificate-subject.js';
import { MtlsConfig } from '../section/mtls.shape.js';

/** Client certificates that the TLS layer has verified. Those that it has not are as good as none. */
@AuthMethod({
  name: 'mtls',
  scheme: 'Certificate',
  parameters: { realm: 'mcp-gateway' },
  isConfigured: ({ mtls }) => mtls.enabled,
})
export class MtlsMethod implements AuthMethod {
  private config = new MtlsConfig();
  /** Taking a certificate out of a connection costs more than all the rest; it never changes. */
  private readonly fingerprints = new WeakMap<object, string>();
  private readonly certificates = new WeakMap<Principal, ClientCertificate>();

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  apply({ mtls }: AuthSection): void {
    this.config = mtls;
  }

  credentialOf({ socket }: Credentials): string | undefined {
    if (socket === undefined) return undefined;
    const known = this.fingerprints.get(socket);
    if (known !== undefined) return known;
    const fingerprint = certificateOf(socket)?.fingerprint256;
    if (fingerprint !== undefined) this.fingerprints.set(socket, fingerprint);
    return fingerprint;
  }

  verify(_credential: string, { socket }: Credentials): Principal {
    const certificate = socket === undefined ? undefined : certificateOf(socket);
    const principal = this.principalOf(certificate);
    if (certificate) this.certificates.set(principal, certificate);
    return principal;
  }

  stands(principal: Principal): boolean {
    const certificate = this.certificates.get(principal);
    return certificate !== undefined && isSameGrant(this.principalOf(certificate), principal);
  }

  /** @throws AuthRefusal */
  private principalOf(certificate: ClientCertificate | undefined): Principal {
    const subject = certificate && subjectOf(certificate, this.config.subject);
    if (subject === undefined) throw new AuthRefusal('subject');
    const validTo = Date.parse(certificate?.validTo ?? '');
    const expiresAt = Number.isNaN(validTo) ? undefined : validTo;
    // A connection may outlive the certificate that it began with.
    if (expiresAt !== undefined && expiresAt <= this.clock.wall()) throw new AuthRefusal('expired');
    const { subjects, listedOnly } = this.config;
    const listed = Object.hasOwn(subjects, subject) ? subjects[subject] : undefined;
    if (listedOnly && !listed) throw new AuthRefusal('unknown');
    return principalOf({ method: 'mtls', subject, roles: listed?.roles ?? [], tenant: listed?.tenant, expiresAt });
  }
}

function certificateOf(socket: object): ClientCertificate | undefined {
  const { authorized, getPeerX509Certificate } = socket as Partial<TlsSocket>;
  if (authorized !== true || typeof getPeerX509Certificate !== 'function') return undefined;
  return (socket as TlsSocket).getPeerX509Certificate();
}
