import { AuthBench } from '../../../test/support/auth-bench.js';
import type { ClientCertificate } from '../credentials.js';
import { subjectOf } from '../mtls/certificate-subject.js';

const certificate = (more: Partial<ClientCertificate> = {}): ClientCertificate => ({
  subject: 'C=CH\nO=Example\nCN=ci',
  subjectAltName: 'DNS:ci.example, URI:spiffe://example/ci, URI:spiffe://example/other',
  fingerprint256: 'AA:BB',
  validTo: 'Jan  2 00:00:00 2026 GMT',
  ...more,
});
const socket = (of: ClientCertificate | undefined, authorized: unknown = true): object => ({
  authorized,
  getPeerX509Certificate: () => of,
});
const TO = { route: 'mcp', clientAddress: '192.0.2.1' };

describe('client certificates', () => {
  let bench: AuthBench;

  beforeEach(async () => {
    bench = await AuthBench.open(`[security.auth.mtls]
enabled = true
[security.auth.mtls.subjects.ci]
roles = ["builder"]
tenant = "t"`);
  });
  afterEach(() => bench[Symbol.asyncDispose]());

  const as = async (of: object) => bench.service.authenticate({ headers: {}, socket: of }, TO);

  it('say whose they are', async () => {
    const connection = socket(certificate());
    const principal = await as(connection);
    expect(principal).toMatchObject({ method: 'mtls', subject: 'ci', roles: ['builder'], tenant: 't' });
    expect(principal.expiresAt).toBe(Date.UTC(2026, 0, 2));
    expect(await as(connection)).toBe(principal);
  });

  it.each([
    ['one that was not verified', socket(certificate(), false)],
    ['one of which something other than true is said', socket(certificate(), 'yes')],
    ['none', socket(undefined)],
    ['a connection without TLS', {}],
  ])('are as good as none where there is %s', async (_what, of) => {
    await expect(as(of)).rejects.toMatchObject({ code: 'auth_required' });
  });

  it('end, even on a connection that goes on', async () => {
    const connection = socket(certificate());
    await as(connection);
    bench.clock.advance(86_400_000);
    await expect(as(connection)).rejects.toMatchObject({ code: 'auth_invalid' });
  });

  it('can be limited to those that are listed', async () => {
    await bench.reload(
      '[security.auth.mtls]\nenabled = true\nlisted_only = true\n[security.auth.mtls.subjects.other]\n',
    );
    await expect(as(socket(certificate()))).rejects.toMatchObject({ code: 'auth_invalid' });
    await expect(as(socket(certificate({ subject: 'CN=constructor', fingerprint256: 'C' })))).rejects.toThrow();
    expect(await as(socket(certificate({ subject: 'CN=other', fingerprint256: 'D' })))).toMatchObject({
      subject: 'other',
    });
  });

  it.each<[Partial<ClientCertificate>, 'cn' | 'uri' | 'dns', string | undefined]>([
    [{}, 'cn', 'ci'],
    [{}, 'uri', 'spiffe://example/ci'],
    [{}, 'dns', 'ci.example'],
    [{ subject: 'CN=a\nCN=b' }, 'cn', undefined],
    [{ subject: 'O=CN' }, 'cn', undefined],
    [{ subject: 'CN=' }, 'cn', undefined],
    [{ subject: 'O=x\\0ACN=admin\nCN=ci' }, 'cn', 'ci'],
    [{ subjectAltName: undefined }, 'uri', undefined],
    [
      { subjectAltName: 'email:"a, URI:spiffe://example/admin", URI:spiffe://example/ci' },
      'uri',
      'spiffe://example/ci',
    ],
    [{ subjectAltName: 'URI:"spiffe://example/a, b"' }, 'uri', 'spiffe://example/a, b'],
    [{ subjectAltName: 'othername:"<unsupported>", DNS:a' }, 'dns', 'a'],
  ])('of %j say under %s: %j', (more, source, subject) => {
    expect(subjectOf(certificate(more), source)).toBe(subject);
  });
});
