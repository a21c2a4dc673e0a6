import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/**
 * Certificates for tests, made by OpenSSL. In short:
 *
 *     const authority = Authority.create();                    // an authority of its own, in a directory of its own
 *     const server = authority.server();                       // for localhost, 127.0.0.1 and ::1
 *     const client = authority.client('alice');                // /O=Tests/CN=alice, with whatever other names are asked for
 *     tls.connect({ ca: authority.cert, cert: client.cert, key: client.key, … });
 *     `cert_file = "${server.certFile}"`                       // the same as files
 *     authority.trust();                                       // for clients that cannot be told, in files that run isolated
 *     authority.dispose();                                     // the directory is gone
 */
export class Authority {
  readonly directory: string;
  readonly certFile: string;
  readonly keyFile: string;
  private made = 0;

  private constructor(directory: string, name: string) {
    this.directory = directory;
    this.certFile = join(directory, 'ca.pem');
    this.keyFile = join(directory, 'ca.key');
    openssl(
      ['req', '-x509', ...EC_KEY, '-nodes', '-keyout', this.keyFile, '-out', this.certFile, '-days', '30'],
      ['-subj', `/O=Tests/CN=${name}`, '-addext', 'basicConstraints=critical,CA:TRUE'],
    );
  }

  static create(name = 'Test authority'): Authority {
    return new Authority(mkdtempSync(join(tmpdir(), 'certificates-')), name);
  }

  /** The certificate of the authority itself, as PEM. */
  get cert(): string {
    return readFileSync(this.certFile, 'utf8');
  }

  /** A certificate for a server at the loopback addresses, unless other names are given. Each has a key of its own. */
  server({ names = LOOPBACK, days = 30, passphrase }: ServerNames = {}): KeyPair {
    return this.issue({ subject: '/O=Tests/CN=localhost', names, usage: 'serverAuth', days, passphrase });
  }

  /** A certificate for a client. `names` are further ones, such as `URI:spiffe://tests/alice` or `email:a@b.example`. */
  client(commonName = 'client', { names = [], days = 30 }: { names?: readonly string[]; days?: number } = {}): KeyPair {
    return this.issue({ subject: `/O=Tests/CN=${commonName}`, names, usage: 'clientAuth', days });
  }

  /** From now on every client in this process believes what the authority signs: fetch, WebSockets, all. */
  trust(): this {
    setDefaultCACertificates([...getCACertificates('default'), this.cert]);
    return this;
  }

  dispose(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private issue({ subject, names, usage, days, passphrase }: Request): KeyPair {
    const pair = new KeyPair(join(this.directory, `${usage}-${++this.made}`));
    const san = names.length > 0 ? ['-addext', `subjectAltName=${names.join(',')}`] : [];
    openssl(
      ['req', '-x509', ...EC_KEY, '-keyout', pair.keyFile, '-out', pair.certFile],
      passphrase === undefined ? ['-nodes'] : ['-passout', `pass:${passphrase}`],
      ['-CA', this.certFile, '-CAkey', this.keyFile, '-days', String(days), '-subj', subject, ...san],
      ['-addext', 'basicConstraints=critical,CA:FALSE', '-addext', `extendedKeyUsage=${usage}`],
    );
    return pair;
  }
}

/** A certificate and its key, as files and as PEM. */
export class KeyPair {
  readonly certFile: string;
  readonly keyFile: string;

  constructor(path: string) {
    this.certFile = `${path}.pem`;
    this.keyFile = `${path}.key`;
  }

  get cert(): string {
    return readFileSync(this.certFile, 'utf8');
  }

  get key(): string {
    return readFileSync(this.keyFile, 'utf8');
  }
}

export interface ServerNames {
  /** As in `subjectAltName`: `DNS:localhost`, `IP:127.0.0.1`. */
  readonly names?: readonly string[];
  readonly days?: number;
  /** The key is encrypted with it. */
  readonly passphrase?: string;
}

interface Request {
  readonly subject: string;
  readonly names: readonly string[];
  readonly usage: 'serverAuth' | 'clientAuth';
  readonly days: number;
  readonly passphrase?: string | undefined;
}

const LOOPBACK = ['DNS:localhost', 'IP:127.0.0.1', 'IP:::1'];
const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];

function openssl(...args: string[][]): void {
  // It writes the progress of its work to stderr; what fails is thrown with it.
  execFileSync('openssl', args.flat(), { stdio: ['ignore', 'ignore', 'pipe'] });
}
