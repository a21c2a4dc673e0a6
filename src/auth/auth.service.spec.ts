import { AuthBench, basic, JWT_SECRET } from '../../test/support/auth-bench.js';
import { ANONYMOUS } from '../core/principal.js';
import { HeaderedError } from '../core/errors.js';
import { digestOf } from './keys/key-digest.js';
import { hashPassword } from './passwords/scrypt.js';

const KEY = 'mgk_good-key-of-ci';
const PASSWORD = 'correct:horse';

describe('AuthService', () => {
  let bench: AuthBench;
  let hash: string;
  const toml = (more = '', methods = ''): string => `
${methods}
[[security.auth.api_keys]]
name = "ci"
sha256 = "${digestOf(KEY)}"
roles = ["builder"]
expires = "2026-01-02"
[[security.auth.users]]
name = "ada"
password_hash = "${hash}"
tenant = "t"
${more}`;

  beforeAll(async () => {
    hash = await hashPassword(PASSWORD, { ln: 10, r: 8, p: 1 });
  });
  beforeEach(async () => {
    bench = await AuthBench.open(toml());
  });
  afterEach(() => bench[Symbol.asyncDispose]());

  const failure = async (headers: Record<string, string>, from?: string): Promise<HeaderedError> =>
    bench.as(headers, 'mcp', from).then(
      () => expect.unreachable(),
      (thrown: unknown) => thrown as HeaderedError,
    );

  it('knows the holder of a key and of a password', async () => {
    expect(await bench.as({ 'x-api-key': KEY })).toMatchObject({
      method: 'api_key',
      subject: 'ci',
      roles: ['builder'],
    });
    expect(await bench.as({ authorization: basic('ada', PASSWORD) })).toMatchObject({ subject: 'ada', tenant: 't' });
  });

  it('has the same principal at hand for the same credential, without waiting', async () => {
    const headers = { authorization: basic('ada', PASSWORD) };
    const to = { route: 'mcp', clientAddress: '192.0.2.1' };
    const [first, second] = await Promise.all([bench.as(headers), bench.as(headers)]);

    expect(second).toBe(first);
    expect(bench.service.authenticate({ headers }, to)).toBe(first);
    expect(bench.decisions).toMatchObject([{ outcome: 'granted', method: 'basic', route: 'mcp' }]);
    bench.clock.advance(60_001);
    expect(bench.service.authenticate({ headers }, to)).toBeInstanceOf(Promise);
  });

  it('asks whoever shows nothing, and tells every bad credential the same', async () => {
    const nothing = await failure({});
    expect(nothing).toMatchObject({ code: 'auth_required', message: 'authentication is required' });
    expect(nothing.headers).toEqual({
      'www-authenticate': 'ApiKey realm="mcp-gateway", Basic realm="mcp-gateway", charset="UTF-8"',
      'x-request-id': expect.stringMatching(/^[\da-f-]{36}$/),
    });
    const said = new Set<string>();
    for (const headers of [
      { 'x-api-key': `${KEY}x` },
      { 'x-api-key': KEY.slice(0, -1) },
      { 'x-api-key': KEY.toUpperCase() },
      { 'x-api-key': '' },
      { 'x-api-key': `${KEY}, ${KEY}` },
      { authorization: basic('ada', 'wrong') },
      { authorization: basic('eve', PASSWORD) },
      { authorization: `Bearer ${KEY}` },
      { authorization: KEY },
    ] as Record<string, string>[]) {
      const { code, message, headers: answer } = await failure(headers);
      // Each is told its own request id.
      said.add(JSON.stringify([code, message, { ...answer, 'x-request-id': undefined }]));
    }
    expect(said.size).toBe(1);
    expect(bench.decisions.map(({ why }) => why)).toEqual([
      'nothing_shown',
      'unknown',
      'unknown',
      'unknown',
      'malformed',
      'unknown',
      'password',
      'unknown',
      'not_taken',
      'not_taken',
    ]);
  });

  it.each([
    { cookie: `token=${KEY}` },
    { 'x-forwarded-user': 'ada', 'x-remote-user': 'ada', 'x-forwarded-client-cert': 'CN=ada', forwarded: 'for=ada' },
    { 'proxy-authorization': basic('ada', PASSWORD), 'x-auth-request-user': 'ada', 'x-upstream-authorization': KEY },
  ] as Record<string, string>[])('reads no credential from where none belongs: %j', async (headers) => {
    expect(await failure(headers)).toMatchObject({ code: 'auth_required' });
  });

  it('does not let a good credential make up for a bad one before it', async () => {
    expect(await failure({ 'x-api-key': 'bad', authorization: basic('ada', PASSWORD) })).toMatchObject({
      code: 'auth_invalid',
    });
  });

  it('lets nobody in with a key that has ended, remembered or not', async () => {
    await bench.as({ 'x-api-key': KEY });
    bench.clock.advance(86_400_000);
    expect(await bench.outcome({ 'x-api-key': KEY })).toBe('auth_invalid expired');
  });

  describe('with anonymous at the end', () => {
    beforeEach(() => bench.reload(toml('', 'methods = ["api_key", "anonymous"]')));

    it('lets in whoever shows nothing, and nobody with a bad credential', async () => {
      expect(await bench.as({})).toBe(ANONYMOUS);
      expect(await bench.outcome({ 'x-api-key': 'bad' })).toBe('auth_invalid unknown');
      expect(await bench.outcome({ authorization: 'Bearer x' })).toBe('auth_invalid not_taken');
    });
  });

  it('takes on each route what that route takes', async () => {
    const routes =
      '[security.auth.routes.crm]\nmethods = ["basic"]\n[security.auth.routes.open]\nmethods = ["anonymous"]';
    await bench.reload(toml(routes));

    expect(await bench.outcome({ 'x-api-key': KEY }, 'mcp')).toBe('ci');
    expect(await bench.outcome({ 'x-api-key': KEY }, 'crm')).toBe('auth_invalid not_taken');
    expect(await bench.outcome({ authorization: basic('ada', PASSWORD) }, 'crm')).toBe('ada');
    expect(await bench.outcome({}, 'open')).toBe('anonymous');
    expect(await bench.outcome({}, 'constructor')).toBe('auth_required nothing_shown');
  });

  it('forgets everybody when the configuration changes', async () => {
    await bench.as({ 'x-api-key': KEY });
    expect(await bench.reload(`jwt_secret = "${JWT_SECRET}"`)).toBe('applied');
    expect(await bench.outcome({ 'x-api-key': KEY })).toBe('auth_invalid not_taken');
  });

  describe('when somebody guesses', () => {
    it('holds up the address, not its good credentials, and says for how long', async () => {
      for (let n = 0; n < 10; n++) expect((await failure({ 'x-api-key': `guess-${n}` })).code).toBe('auth_invalid');
      const throttled = await failure({ 'x-api-key': 'guess-11' });

      expect(throttled).toMatchObject({ code: 'auth_throttled', headers: { 'retry-after': '6' } });
      expect(throttled.data).toEqual({ retryAfterMs: 6_000 });
      expect(await bench.outcome({ 'x-api-key': KEY })).toBe('ci');
      expect(await bench.outcome({ authorization: basic('ada', PASSWORD) })).toBe('ada');
      expect((await failure({})).code).toBe('auth_required');
      expect((await failure({ 'x-api-key': 'guess' }, '192.0.2.9')).code).toBe('auth_invalid');
      bench.clock.advance(6_000);
      expect((await failure({ 'x-api-key': 'guess-12' })).code).toBe('auth_invalid');
      expect(bench.decisions.map(({ outcome }) => outcome)).toContain('throttled');
    });

    it('holds up guesses at one name from many addresses', async () => {
      const codes: string[] = [];
      for (let n = 0; n < 11; n++) {
        codes.push((await failure({ authorization: basic('ada', `guess-${n}`) }, `198.51.100.${n}`)).code);
      }
      expect(codes).toEqual([...Array.from({ length: 10 }, () => 'auth_invalid'), 'auth_throttled']);
    });

    it('takes all addresses of one IPv6 network for one', async () => {
      for (let n = 0; n < 10; n++) await failure({ 'x-api-key': `guess-${n}-long` }, `2001:db8::${n}:1`);
      expect((await failure({ 'x-api-key': 'x' }, '2001:db8:0:0:ffff::1')).code).toBe('auth_throttled');
      expect((await failure({ 'x-api-key': 'y' }, '2001:db8:0:1::1')).code).toBe('auth_invalid');
    });

    it('does not count for others what comes from an address that is held up anyway', async () => {
      for (let n = 0; n < 30; n++) await failure({ 'x-api-key': `guess-${n}` });
      for (let n = 0; n < 30; n++) await failure({ 'x-api-key': 'mgk_others-guess' });
      expect((await failure({ 'x-api-key': 'mgk_others-typo' }, '192.0.2.78')).code).toBe('auth_invalid');
    });

    it('does not count what has merely ended', async () => {
      bench.clock.advance(86_400_000);
      for (let n = 0; n < 30; n++) expect(await bench.outcome({ 'x-api-key': KEY })).toBe('auth_invalid expired');
    });
  });
});
