import { AuthBench } from '../../../test/support/auth-bench.js';
import { JwksServer, signed, type SigningKey, signingKey } from '../../../test/support/jwks-server.js';
import { until } from '../../../test/support/until.js';

const one = signingKey('one', 'ES256');
const two = signingKey('two', 'ES256');

describe('the keys of an issuer', () => {
  let jwks: JwksServer;
  let bench: AuthBench;

  const settings = (url: string): string => `failed_per_minute = 10000
[[security.auth.jwt.issuers]]
issuer = "idp"
jwks_url = "${url}"
audience = ["gw"]`;

  beforeEach(async () => {
    jwks = await JwksServer.start(one);
    bench = await AuthBench.open(settings(jwks.url));
  });

  afterEach(async () => {
    await bench[Symbol.asyncDispose]();
    await jwks[Symbol.asyncDispose]();
  });

  let count = 0;
  /** A token that was never seen before. */
  const outcome = async (key: SigningKey, header: Record<string, unknown> = {}): Promise<string> => {
    const now = Math.floor(bench.clock.wall() / 1_000);
    return bench.bearer(
      await signed(key, { sub: 'ada', iss: 'idp', aud: 'gw', exp: now + 600, jti: `${count++}` }, header),
    );
  };

  it('are fetched once for all who ask at once', async () => {
    expect(await Promise.all([1, 2, 3, 4, 5].map(() => outcome(one)))).toEqual(['ada', 'ada', 'ada', 'ada', 'ada']);
    expect(jwks.asked).toEqual(['/jwks']);
  });

  it('are fetched anew when they were rotated', async () => {
    await outcome(one);
    jwks.keys = [one, two];
    bench.clock.advance(30_000);

    expect(await outcome(two)).toBe('ada');
    expect(await outcome(one)).toBe('ada');
    expect(jwks.asked).toHaveLength(2);
  });

  it('are fetched at most once in 30 seconds, however many unknown keys are named', async () => {
    await outcome(one);
    for (let storm = 0; storm < 3; storm++) {
      const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => outcome(two, { kid: `k${n}` })));
      expect(new Set(answers)).toEqual(new Set(['auth_invalid signing_key']));
    }
    expect(jwks.asked).toHaveLength(1);

    bench.clock.advance(30_000);
    await Promise.all(Array.from({ length: 40 }, (_, n) => outcome(two, { kid: `k${n}` })));
    expect(jwks.asked).toHaveLength(2);
    bench.clock.advance(29_999);
    await outcome(two);
    expect(jwks.asked).toHaveLength(2);
  });

  it('are kept while their issuer cannot be reached', async () => {
    await outcome(one);
    jwks.answer = { status: 500, body: '' };
    bench.clock.advance(3_600_000);

    expect(await outcome(one)).toBe('ada');
    await until(() => jwks.asked.length === 2, 'the keys to be asked for beside it');
    expect(await outcome(one)).toBe('ada');
    expect(await outcome(two)).toBe('auth_invalid signing_key');
  });

  it('are gone when their issuer published others and they have grown old', async () => {
    await outcome(one);
    jwks.keys = [two];
    bench.clock.advance(600_001);

    expect(await outcome(one)).toBe('ada');
    await until(async () => (await outcome(one)) === 'auth_invalid signing_key', 'the old key to be gone');
    expect(await outcome(two)).toBe('ada');
    expect(jwks.asked).toHaveLength(2);
  });

  it.each([
    ['a failure', { status: 500, body: '' }],
    ['a redirect', { status: 302, body: '', headers: { location: '/other' } }],
    ['what is no JSON', { status: 200, body: '<html>' }],
    ['what is no JWKS', { status: 200, body: '{"keys": {}}' }],
    ['too much', { status: 200, body: JSON.stringify({ keys: [], padding: 'x'.repeat(1_100_000) }) }],
  ])('that are nothing yet and answered with %s cannot tell', async (_what, answer) => {
    jwks.answer = answer;
    expect(await outcome(one)).toBe('auth_unavailable unavailable');
    expect(await outcome(one)).toBe('auth_unavailable unavailable');
    expect(jwks.asked).toEqual(['/jwks']);

    jwks.answer = undefined;
    bench.clock.advance(2_000);
    expect(await outcome(one)).toBe('ada');
  });

  it('count only where they are public and meant for signatures', async () => {
    const jwk = one.publicKey.export({ format: 'jwk' });
    const keys = [
      { ...one.privateKey.export({ format: 'jwk' }), kid: 'one' },
      { ...jwk, kid: 'one', use: 'enc' },
      { ...jwk, kid: 'one', key_ops: ['encrypt'] },
      { ...jwk, kid: 'one', alg: 'ES384' },
      { kty: 'oct', k: 'c2VjcmV0', kid: 'one' },
      null,
    ];
    jwks.answer = { status: 200, body: JSON.stringify({ keys }) };
    expect(await outcome(one)).toBe('auth_invalid signing_key');

    jwks.answer = { status: 200, body: JSON.stringify({ keys: [...keys, { ...jwk, kid: 'one' }] }) };
    bench.clock.advance(30_000);
    expect(await outcome(one)).toBe('ada');
  });

  it('outlive a change of the configuration that leaves them alone', async () => {
    await outcome(one);
    expect(await bench.reload(`max_remembered = 20\n${settings(jwks.url)}`)).toBe('applied');
    expect(await outcome(one)).toBe('ada');
    expect(jwks.asked).toHaveLength(1);
  });
});
