import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type TlsOptions } from 'node:tls';

import type { ConfigProblem } from '../../config/index.js';
import type { TlsSection } from './tls.section.js';

const SECTION = 'server.tls';
const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** What listeners show, as the files had it at one moment: known to fit together. */
export interface Certificate {
  readonly options: TlsOptions;
  /** The period that it is valid for: seconds since 1970. */
  readonly validFrom: number;
  readonly expiresAt: number;
  /** Changes with anything that makes up the options. */
  readonly digest: string;
}

/** Whether the configuration wants TLS at all; nearly may be a mistake, and is no reason to do without. */
export function wantsTls({ certFile, keyFile }: TlsSection): boolean {
  return certFile !== undefined || keyFile !== undefined;
}

/** Reads what the section names. @returns what is wrong with it instead, if anything is */
export function readCertificate(section: TlsSection): Certificate | readonly ConfigProblem[] {
  const reading = new Reading(section);
  const certificate = reading.run();
  return certificate && reading.problems.length === 0 ? certificate : reading.problems;
}

export function isCertificate(read: Certificate | readonly ConfigProblem[]): read is Certificate {
  return !Array.isArray(read);
}

class Reading {
  readonly problems: ConfigProblem[] = [];
  private readonly digest = createHash('sha256');

  constructor(private readonly section: TlsSection) {}

  run(): Certificate | undefined {
    const { section } = this;
    if (!wantsTls(section)) return this.withoutTls();
    const cert = this.file('cert_file', section.certFile, 'is needed beside key_file');
    const key = this.file('key_file', section.keyFile, 'is needed beside cert_file');
    const ca = this.authorities();
    const leaf = cert === undefined ? undefined : this.certificates('cert_file', cert)?.[0];
    const privateKey = key === undefined ? undefined : this.privateKey(key);
    if (!leaf || !privateKey) return undefined;
    if (!leaf.checkPrivateKey(privateKey)) this.problem('key_file', 'is not the key of the certificate in cert_file');
    if (this.problems.length > 0) return undefined;
    const options = this.options({ cert, key, ca });
    return options && { options, ...validityOf(leaf), digest: this.digest.digest('base64') };
  }

  /** What else is said would have no effect, and look as if it had. */
  private withoutTls(): undefined {
    const { clientCaFile, clientAuth } = this.section;
    if (clientAuth !== 'none') this.problem('client_auth', 'has no effect without cert_file and key_file');
    if (clientCaFile !== undefined) this.problem('client_ca_file', 'has no effect without cert_file and key_file');
  }

  private authorities(): string | undefined {
    const { clientAuth, clientCaFile } = this.section;
    if (clientAuth === 'none' && clientCaFile === undefined) return undefined;
    const pem = this.file('client_ca_file', clientCaFile, `is needed for client_auth = "${clientAuth}"`);
    if (pem !== undefined) this.certificates('client_ca_file', pem);
    return pem;
  }

  private options(pems: Pick<TlsOptions, 'cert' | 'key' | 'ca'>): TlsOptions | undefined {
    const { keyPassphrase, ciphers, minVersion, clientAuth } = this.section;
    const options: TlsOptions = {
      ...pems,
      ...(keyPassphrase === undefined ? {} : { passphrase: keyPassphrase }),
      ...(ciphers === undefined ? {} : { ciphers }),
      minVersion: `TLSv${minVersion}`,
      requestCert: clientAuth !== 'none',
      rejectUnauthorized: clientAuth === 'require',
    };
    this.digest.update(JSON.stringify(options));
    try {
      createSecureContext(options);
      return options;
    } catch (thrown) {
      const { code } = thrown as { code?: unknown };
      if (code === 'ERR_SSL_NO_CIPHER_MATCH') this.problem('ciphers', 'names no cipher suite that is known');
      else this.problem('cert_file', 'cannot be used, neither with this key nor these settings');
      return undefined;
    }
  }

  private certificates(key: string, pem: string): X509Certificate[] | undefined {
    try {
      const found = (pem.match(BLOCK) ?? []).map((block) => new X509Certificate(block));
      if (found.length > 0) return found;
    } catch {
      // Said below: what exactly is wrong with it, OpenSSL says in words for nobody.
    }
    this.problem(key, 'holds no certificate as PEM, or a broken one');
    return undefined;
  }

  private privateKey(pem: string): KeyObject | undefined {
    const { keyPassphrase: passphrase } = this.section;
    try {
      return createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) });
    } catch {
      const encrypted = pem.includes('ENCRYPTED');
      const locked =
        passphrase === undefined ? 'is encrypted: key_passphrase is needed' : 'and key_passphrase do not fit';
      this.problem('key_file', encrypted ? locked : 'holds no private key as PEM, or a broken one');
      return undefined;
    }
  }

  private file(key: string, path: string | undefined, missing: string): string | undefined {
    if (path === undefined) return this.problem(key, missing);
    try {
      return readFileSync(path, 'utf8');
    } catch (thrown) {
      return this.problem(key, `cannot be read: ${reasonOf(thrown)}`);
    }
  }

  private problem(key: string, message: string): undefined {
    this.problems.push({ key: `${SECTION}.${key}`, message });
  }
}

function validityOf({ validFromDate, validToDate }: X509Certificate): Pick<Certificate, 'validFrom' | 'expiresAt'> {
  return { validFrom: validFromDate.getTime() / 1_000, expiresAt: validToDate.getTime() / 1_000 };
}

function reasonOf(thrown: unknown): string {
  const { code } = thrown as { code?: unknown };
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'this user may not read it';
  return code === 'EISDIR' ? 'it is a directory' : 'the system refuses it';
}
