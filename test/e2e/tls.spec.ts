import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

import { EXAMPLE, Target } from '../hostile/support/target.ts';
import { Authority, type KeyPair } from '../support/certificates.ts';
import { CLIENT_TRANSPORTS, connect } from '../support/clients.ts';
import { EPHEMERAL, startGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

/** What a fingerprint of the certificate is that a port shows. */
async function shownAt(port: number): Promise<string> {
  const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost' });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerX509Certificate()!;
  socket.destroy();
  return fingerprint256;
}

const fingerprintOf = ({ cert }: KeyPair): string => new X509Certificate(cert).fingerprint256;

/** Version that a handshake ends with, or the code of why it does not. */
function handshake(port: number, options: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTls({ port, host: '127.0.0.1', ...options });
    socket.on('error', (error: Error & { code?: string }) => resolve(error.code ?? error.message));
    socket.on('close', () => resolve('closed'));
    socket.on('secureConnect', () => {
      resolve(socket.getProtocol() ?? '');
      socket.destroy();
    });
  });
}

describe('a gateway with a certificate', () => {
  const authority = Authority.create();
  /** As Kubernetes mounts a secret: files are links into what `..data` links to. */
  const mount = mkdtempSync(join(tmpdir(), 'mounted-'));
  let mounts = 0;
  let target: Target;
  let shown: KeyPair;

  /** All files at once become those of another pair. */
  function remount(pair: KeyPair): void {
    const version = `..${++mounts}`;
    mkdirSync(join(mount, version));
    copyFileSync(pair.certFile, join(mount, version, 'tls.crt'));
    copyFileSync(pair.keyFile, join(mount, version, 'tls.key'));
    symlinkSync(version, join(mount, '..data_tmp'));
    renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
    shown = pair;
  }

  const metric = async (series: string): Promise<string | undefined> => {
    const text = await (await fetch(target.gateway.metricsUrl)).text();
    return text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1);
  };

  beforeAll(async () => {
    remount(authority.trust().server());
    for (const name of ['tls.crt', 'tls.key']) symlinkSync(join('..data', name), join(mount, name));
    const files = `cert_file = "${mount}/tls.crt"\nkey_file = "${mount}/tls.key"\n`;
    const clients = `client_auth = "request"\nclient_ca_file = "${authority.certFile}"\n`;
    const security = '[security]\nallowed_hosts = ["gateway.example"]\n';
    const metrics = 'headers_timeout = "1s"\n[metrics]\ntls = true\nport = 0\n';
    const toml = `[server]\nport = 0\n${metrics}[server.tls]\n${files}${clients}${security}${EXAMPLE}`;
    target = await Target.over(await startGateway(toml));
  });
  afterEach(() => target.unharmed());
  afterAll(async () => {
    await target?.stop();
    authority.dispose();
    rmSync(mount, { recursive: true });
  });

  it.each(CLIENT_TRANSPORTS)('serves the official client over %s', async (transport) => {
    const client = await connect(target.gateway, transport);
    expect((await client.listTools()).tools).not.toHaveLength(0);
    await client.close();
  });

  it('says by its addresses that it speaks TLS, on every listener', async () => {
    const { url, wsUrl, adminUrl, metricsUrl } = target.gateway;
    expect([url, adminUrl, metricsUrl].map((one) => new URL(one).protocol)).toEqual(Array(3).fill('https:'));
    expect(wsUrl).toMatch(/^wss:/);
    expect((await fetch(adminUrl)).status).toBe(200);
    expect(Number(await metric('mcp_gateway_tls_certificate_expiry_seconds{certificate="server"}'))).toBe(
      new X509Certificate(shown.cert).validToDate.getTime() / 1_000,
    );
  });

  it('speaks nothing older than TLS 1.2', async () => {
    const { port } = target;
    expect(await handshake(port, { minVersion: 'TLSv1.3' })).toBe('TLSv1.3');
    expect(await handshake(port, { maxVersion: 'TLSv1.2' })).toBe('TLSv1.2');
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    expect(await handshake(port, old)).toMatch(/ALERT_PROTOCOL_VERSION/);
  });

  it.each(['nowhere.example', 'a'.repeat(63), 'xn--\u0001', '..', '__proto__', 'café'])(
    'takes %j for a server name, and shows the one certificate that it has',
    async (servername) => {
      const outcome = handshake(target.port, { servername, rejectUnauthorized: false });
      expect(await outcome).toMatch(/^TLSv1\.3$|^ERR_SSL/);
    },
  );

  it('ends a connection that renegotiates again and again', async () => {
    const socket = connectTls({ port: target.port, host: '127.0.0.1', maxVersion: 'TLSv1.2' });
    await once(socket, 'secureConnect');
    socket.on('error', () => undefined).resume();
    let times = 0;
    const again = (): void => {
      socket.renegotiate({}, (error) => {
        if (error || socket.destroyed) return;
        times++;
        setImmediate(again);
      });
    };
    again();
    await once(socket, 'close');
    expect(times).toBeLessThan(5);
  });

  it('closes connections that say something else than TLS, or nothing', async () => {
    for (const bytes of ['GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', 'junk', Buffer.from('160301ffff01', 'hex'), '']) {
      const socket = connectPlain(target.port, '127.0.0.1').on('error', () => undefined);
      await once(socket, 'connect');
      if (bytes.length > 0) socket.write(bytes);
      socket.resume();
      await once(socket, 'close');
    }
  });

  it('tells browsers to come by https only, but not those who call it localhost', async () => {
    const hstsFor = async (host: string, path: string): Promise<unknown> => {
      const { port } = target;
      const where = { port, host: '127.0.0.1', servername: 'localhost', path, agent: false };
      const asked = request({ ...where, headers: { host } }).end();
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      response.resume();
      expect(response.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
      return response.headers['strict-transport-security'];
    };
    for (const path of ['/health', '/mcp', '/nowhere']) {
      expect(await hstsFor('gateway.example', path)).toBe('max-age=15552000');
      expect(await hstsFor('localhost', path)).toBe(undefined);
    }
  });

  it('knows a client by its certificate, and lets in those without one', async () => {
    const { cert, key } = authority.client('alice');
    const stranger = Authority.create('Somebody else');
    const foreign = stranger.client('mallory');
    expect(await handshake(target.port, { cert, key })).toBe('TLSv1.3');
    expect(await handshake(target.port, { cert: foreign.cert, key: foreign.key })).toBe('TLSv1.3');
    stranger.dispose();
  });

  it('shows a new certificate when the files are replaced, and keeps whoever is connected', async () => {
    const client = await target.introduced();
    const before = fingerprintOf(shown);
    expect(await shownAt(target.port)).toBe(before);
    remount(authority.server());
    await until(async () => (await shownAt(target.port)) === fingerprintOf(shown), 'the new certificate');
    expect(await shownAt(Number(new URL(target.gateway.metricsUrl).port))).toBe(fingerprintOf(shown));
    expect(await client.ask({ jsonrpc: '2.0', id: 1, method: 'ping' })).toMatchObject({ id: 1, result: {} });
    expect(await metric('mcp_gateway_tls_reloads_total{outcome="replaced"}')).toBe('1');
    client.socket.terminate();
  });

  it('keeps the certificate when the new one cannot be used, and says why', async () => {
    const [good, other] = [shown, authority.server()];
    const mixed = { certFile: other.certFile, keyFile: good.keyFile } as KeyPair;
    remount(mixed);
    await until(async () => (await metric('mcp_gateway_tls_reloads_total{outcome="refused"}')) === '1', 'the refusal');
    expect(await shownAt(target.port)).toBe(fingerprintOf(good));
    const said = target.gateway.lines.find(({ msg }) => msg?.includes('the old one stays'));
    expect(said?.msg).toContain('server.tls.key_file: is not the key of the certificate in cert_file');
    remount(good);
  });

  it('does not begin without a certificate that can be used', async () => {
    const broken = join(mount, 'broken.pem');
    writeFileSync(broken, 'canary-not-a-key');
    const started = startGateway(
      `${EPHEMERAL}[server.tls]\ncert_file = "${broken}"\nkey_file = "/nowhere/tls.key"\n${EXAMPLE}`,
    );
    const output = String(await started.catch((thrown: unknown) => thrown));
    expect(output).toContain('server.tls.cert_file: holds no certificate as PEM, or a broken one');
    expect(output).toContain('server.tls.key_file: cannot be read: there is no such file');
    expect(output).not.toContain('canary-not-a-key');
  });
});
