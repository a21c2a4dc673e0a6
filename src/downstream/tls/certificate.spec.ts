import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect, type ConnectionOptions } from 'node:tls';

import { Authority, type KeyPair } from '../../../test/support/certificates.js';
import { createListener } from '../http/listener.js';
import { isCertificate, readCertificate } from './certificate.js';
import { TlsIdentity } from './tls-identity.js';
import { TlsSection } from './tls.section.js';

const TIMES = { headersTimeout: 1_000, requestTimeout: 2_000, keepaliveTimeout: 1_000 };

describe('the certificate of the listeners', () => {
  const authority = Authority.create();
  const server = authority.server();
  const files = ({ certFile, keyFile }: KeyPair) => ({ certFile, keyFile });
  const section = (keys: Partial<TlsSection>): TlsSection => Object.assign(new TlsSection(), keys);
  const written = (name: string, text: string): string => {
    const path = join(authority.directory, name);
    writeFileSync(path, text);
    return path;
  };
  afterAll(() => authority.dispose());

  const problems = (keys: Partial<TlsSection>): string[] => {
    const read = readCertificate(section(keys));
    return isCertificate(read) ? [] : read.map(({ key, message }) => `${key} ${message}`);
  };

  it('is none where none is wanted', () => {
    expect(TlsIdentity.of(new TlsSection())).toBe(undefined);
    expect(problems({})).toEqual([]);
  });

  it('may come with those in between, an encrypted key and suites of its own', () => {
    const locked = authority.server({ passphrase: 'open sesame' });
    const chain = written('chain.pem', `Subject: somebody\n${locked.cert}\n${authority.cert}`);
    const ciphers = 'ECDHE-ECDSA-AES128-GCM-SHA256';
    expect(problems({ certFile: chain, keyFile: locked.keyFile, keyPassphrase: 'open sesame', ciphers })).toEqual([]);
  });

  it.each<[string, () => Partial<TlsSection>, string[]]>([
    ['one file of two', () => ({ certFile: server.certFile }), ['server.tls.key_file is needed beside cert_file']],
    [
      'files that are not there, or no files',
      () => ({ certFile: '/nowhere', keyFile: authority.directory }),
      [
        'server.tls.cert_file cannot be read: there is no such file',
        'server.tls.key_file cannot be read: it is a directory',
      ],
    ],
    [
      'what is no PEM',
      () => ({ certFile: server.keyFile, keyFile: server.certFile }),
      [
        'server.tls.cert_file holds no certificate as PEM, or a broken one',
        'server.tls.key_file holds no private key as PEM, or a broken one',
      ],
    ],
    [
      'the key of another',
      () => ({ certFile: server.certFile, keyFile: authority.keyFile }),
      ['server.tls.key_file is not the key of the certificate in cert_file'],
    ],
    [
      'an encrypted key alone',
      () => files(authority.server({ passphrase: 'open sesame' })),
      ['server.tls.key_file is encrypted: key_passphrase is needed'],
    ],
    [
      'the wrong passphrase',
      () => ({ ...files(authority.server({ passphrase: 'open sesame' })), keyPassphrase: 'open barley' }),
      ['server.tls.key_file and key_passphrase do not fit'],
    ],
    [
      'clients without an authority',
      () => ({ ...files(server), clientAuth: 'require' }),
      ['server.tls.client_ca_file is needed for client_auth = "require"'],
    ],
    [
      'an authority that is none',
      () => ({ ...files(server), clientCaFile: server.keyFile }),
      ['server.tls.client_ca_file holds no certificate as PEM, or a broken one'],
    ],
    [
      'suites that do not exist',
      () => ({ ...files(server), ciphers: 'ROT13' }),
      ['server.tls.ciphers names no cipher suite that is known'],
    ],
    [
      'clients without TLS',
      () => ({ clientAuth: 'require', clientCaFile: authority.certFile }),
      [
        'server.tls.client_auth has no effect without cert_file and key_file',
        'server.tls.client_ca_file has no effect without cert_file and key_file',
      ],
    ],
  ])('is refused with %s', (_, keys, said) => {
    expect(problems(keys())).toEqual(said);
  });

  /** What a client reads before the connection ends, or the code of why there is nothing. */
  async function asked(port: number, options: ConnectionOptions): Promise<string> {
    const socket = connect({ port, host: '127.0.0.1', ca: authority.cert, ...options });
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('error', (error: Error & { code?: string }) => (text ||= String(error.code)));
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    return text.split('\r\n').at(-1)!;
  }

  it('can be had only by clients with one of their own, from when that is asked for', async () => {
    const identity = TlsIdentity.of(section({ ...files(server), clientCaFile: authority.certFile }))!;
    const listener = createListener({ tls: identity, times: TIMES }, (request, response) => {
      const { authorized } = request.socket as unknown as { authorized: boolean };
      response.end(`known: ${authorized}`, 'latin1');
    });
    await once(listener.listen(0, '127.0.0.1'), 'listening');
    const { port } = listener.address() as AddressInfo;
    const { cert, key } = authority.client('alice');
    const show = (clientAuth: 'request' | 'require'): void => {
      const read = readCertificate(section({ ...files(server), clientCaFile: authority.certFile, clientAuth }));
      if (isCertificate(read)) identity.show(read);
    };
    expect(await asked(port, { cert, key })).toContain('known: false');
    show('request');
    expect(await asked(port, { cert, key })).toContain('known: true');
    expect(await asked(port, {})).toContain('known: false');
    show('require');
    expect(await asked(port, { cert, key })).toContain('known: true');
    expect(await asked(port, {})).toMatch(/^ERR_SSL|^ECONNRESET|^EPROTO/);
    listener.close();
    await once(listener, 'close');
  });

  it('fails every handshake where it could not be used from the start', async () => {
    const identity = TlsIdentity.of(section({ certFile: '/nowhere', keyFile: '/nowhere' }))!;
    const listener = createListener({ tls: identity, times: TIMES }, (_, response) => response.end('never'));
    await once(listener.listen(0, '127.0.0.1'), 'listening');
    const { port } = listener.address() as AddressInfo;
    expect(await asked(port, {})).toMatch(/^ERR_SSL|^ECONNRESET|^EPROTO/);
    listener.close();
    await once(listener, 'close');
  });
});
