import { createHmac } from 'node:crypto';

import { AuthBench, JWT_SECRET } from '../../../test/support/auth-bench.js';
import { forged, JwksServer, part, signed, signingKey } from '../../../test/support/jwks-server.js';
import { callerToken } from '../../core/caller-token.js';

const ISSUER = 'https://id.example';
const AUDIENCE = 'https://gw.example/mcp';

const rsa = signingKey('rsa-1');
const ec = signingKey('ec-1', 'ES256');
const ed = signingKey('ed-1', 'EdDSA');
const stranger = signingKey('rsa-1');
/** Published for another algorithm than the one that is allowed for the pinned issuer. */
const pinned = signingKey('pinned', 'ES256');

let jwks: JwksServer;
let canary: JwksServer;
let bench: AuthBench;
let now: number;

const hs =
  (secret: string | Buffer, algorithm = 'sha256') =>
  (input: string): Buffer =>
    createHmac(algorithm, secret).update(input).digest();

const claims = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  sub: 'ada',
  iss: ISSUER,
  aud: AUDIENCE,
  iat: now,
  exp: now + 600,
  ...more,
});
/** Claims of a token that is signed with the shared secret. */
const own = (more: Record<string, unknown> = {}): Record<string, unknown> => ({ sub: 'bob', exp: now + 600, ...more });
const shared = (payload: Record<string, unknown> = own(), header: Record<string, unknown> = { alg: 'HS256' }): string =>
  forged(header, payload, hs(JWT_SECRET));

beforeAll(async () => {
  jwks = await JwksServer.start(rsa, ec, ed);
  canary = await JwksServer.start(stranger);
});

afterAll(async () => {
  await jwks[Symbol.asyncDispose]();
  await canary[Symbol.asyncDispose]();
});

beforeEach(async () => {
  bench = await AuthBench.open(`
jwt_secret = "${JWT_SECRET}"
failed_per_minute = 10000
[[security.auth.jwt.issuers]]
issuer = "${ISSUER}"
jwks_url = "${jwks.url}"
audience = ["${AUDIENCE}", "other"]
[[security.auth.jwt.issuers]]
issuer = "https://pinned.example"
public_key = '''${pinned.publicKey.export({ type: 'spki', format: 'pem' }).toString()}'''
audience = ["${AUDIENCE}"]
`);
  now = Math.floor(bench.clock.wall() / 1_000);
});

afterEach(async () => {
  expect(canary.asked).toEqual([]);
  await bench[Symbol.asyncDispose]();
});

describe('a token that is good', () => {
  it.each([rsa, ec, ed])('is taken by a published key: $algorithm', async (key) => {
    expect(await bench.bearer(await signed(key, claims()))).toBe('ada');
  });

  it('is taken by the shared secret and by a configured key', async () => {
    expect(await bench.bearer(shared())).toBe('bob');
    expect(await bench.bearer(await signed(pinned, claims({ iss: 'https://pinned.example' })))).toBe('ada');
  });

  it('may name one of several audiences, with others beside it', async () => {
    expect(await bench.bearer(await signed(rsa, claims({ aud: ['x', 'other'] })))).toBe('ada');
  });

  it('needs to name no key where only one fits', async () => {
    expect(await bench.bearer(await signed(ec, claims(), { kid: undefined }))).toBe('ada');
  });

  it('stands for one principal with all that was vouched for, and is remembered apart from it', async () => {
    const token = await signed(rsa, claims({ roles: ['a', 'b', 5], scope: 'read  write', tenant: 't1', x: 1 }));
    const headers = { authorization: `bearer ${token}` };
    const principal = await bench.as(headers);

    expect(principal).toMatchObject({
      method: 'jwt',
      issuer: ISSUER,
      roles: ['a', 'b'],
      scopes: ['read', 'write'],
      tenant: 't1',
      claims: { x: 1 },
      expiresAt: (now + 600) * 1_000 + 30_000,
    });
    expect(bench.service.authenticate({ headers }, { route: 'mcp', clientAddress: 'x' })).toBe(principal);
    expect(callerToken(principal)).toBe(token);
    expect(bench.decisions.map(({ outcome }) => outcome)).toEqual(['granted']);
  });
});

describe('a forged token', () => {
  const table: [string, () => string | Promise<string>, string][] = [
    ...['none', 'None', 'NONE', 'nOnE', ''].map((alg): [string, () => string, string] => [
      `alg ${JSON.stringify(alg)} and no signature`,
      () => `${part({ alg })}.${part(own())}.`,
      'malformed',
    ]),
    ['alg none with a signature', () => forged({ alg: 'none' }, own(), hs(JWT_SECRET)), 'issuer'],
    ['alg none in the name of an issuer', () => forged({ alg: 'none' }, claims(), hs('x')), 'algorithm'],
    ['no alg', () => forged({}, own(), hs(JWT_SECRET)), 'algorithm'],
    ['an array of algs', () => forged({ alg: ['HS256'] }, own(), hs(JWT_SECRET)), 'algorithm'],
    ['another HMAC', () => forged({ alg: 'HS512' }, own(), hs(JWT_SECRET, 'sha512')), 'issuer'],
    ['alg in small letters', () => forged({ alg: 'hs256' }, own(), hs(JWT_SECRET)), 'issuer'],
    ['another secret', () => forged({ alg: 'HS256' }, own(), hs('secret')), 'signature'],
    ['an empty secret', () => forged({ alg: 'HS256' }, own(), hs('')), 'signature'],
    [
      'the PEM of a public key as secret',
      () => forged({ alg: 'HS256', kid: 'rsa-1' }, own(), hs(rsa.publicKey.export({ type: 'spki', format: 'pem' }))),
      'signature',
    ],
    [
      'the DER of a public key as secret, for its issuer',
      () => forged({ alg: 'HS256', kid: 'rsa-1' }, claims(), hs(rsa.publicKey.export({ type: 'spki', format: 'der' }))),
      'issuer',
    ],
    ['the shared secret in the name of an issuer', () => shared(claims()), 'issuer'],
    ['a stranger’s key under a published name', () => signed(stranger, claims()), 'signature'],
    [
      'an embedded key',
      () => signed(stranger, claims(), { jwk: stranger.publicKey.export({ format: 'jwk' }) }),
      'signature',
    ],
    [
      'an embedded key without a name',
      () => signed(stranger, claims(), { kid: undefined, jwk: stranger.publicKey.export({ format: 'jwk' }) }),
      'signature',
    ],
    ['jku', () => signed(stranger, claims(), { jku: canary.url }), 'signature'],
    ['x5u', () => signed(stranger, claims(), { x5u: canary.url, x5c: ['MIIB'] }), 'signature'],
    ['the canary as issuer', () => signed(stranger, claims({ iss: canary.origin })), 'issuer'],
    ...['../../../dev/null', "' OR 1=1 --", 'http://127.0.0.1/key', '__proto__', 'constructor', 'rsa-1\0', 'RSA-1'].map(
      (kid): [string, () => Promise<string>, string] => [
        `the name of a key ${JSON.stringify(kid)}`,
        () => signed(rsa, claims(), { kid }),
        'signing_key',
      ],
    ),
    ['a name of a key that is a number', () => signed(rsa, claims(), { kid: 1 }), 'signing_key'],
    ['a key of another kind', () => signed(ec, claims(), { kid: 'rsa-1' }), 'signing_key'],
    ['an algorithm that its issuer does not use', () => signed({ ...rsa, algorithm: 'RS512' }, claims()), 'algorithm'],
    ['a critical extension', () => forged({ alg: 'HS256', crit: ['x'], x: 1 }, own(), hs(JWT_SECRET)), 'malformed'],
    ['an empty list of them', () => forged({ alg: 'HS256', crit: [] }, own(), hs(JWT_SECRET)), 'malformed'],
    ['an unencoded payload', () => forged({ alg: 'HS256', b64: false }, own(), hs(JWT_SECRET)), 'malformed'],
    [
      'five parts, encrypted',
      () => `${part({ alg: 'dir', enc: 'A256GCM' })}..${part('iv')}.${part('c')}.${part('t')}`,
      'malformed',
    ],
    ['claims that are a list', () => forged({ alg: 'HS256' }, [own()], hs(JWT_SECRET)), 'malformed'],
    ['claims that are no JSON', () => forged({ alg: 'HS256' }, '{"sub":', hs(JWT_SECRET)), 'malformed'],
    ['a header that is no JSON', () => forged('{', own(), hs(JWT_SECRET)), 'malformed'],
    ['no parts', () => 'junk', 'malformed'],
    ['nothing', () => '', 'malformed'],
    ['a token cut short', () => shared().slice(0, -1), 'malformed'],
    ['a token without its first letter', () => shared().slice(1), 'malformed'],
    ['a token with a letter behind it', () => `${shared()}A`, 'signature'],
    ['two tokens', () => `${shared()} ${shared()}`, 'malformed'],
    ['a token in capitals', () => shared().toUpperCase(), 'malformed'],
    ['a padded token', () => `${shared()}=`, 'malformed'],
  ];

  it.each(table)('is refused: %s', async (_what, make, why) => {
    expect(await bench.bearer(await make())).toBe(`auth_invalid ${why}`);
  });

  it('is refused whatever single letter of it is another one', async () => {
    const token = shared();
    const flip = (at: number): string => token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);

    for (let at = 0; at < token.length; at += 3) expect(await bench.bearer(flip(at))).toMatch(/^auth_invalid/);
    expect(await bench.bearer(flip(token.length - 1))).toMatch(/^auth_invalid/);
  });
});

describe('claims', () => {
  const table: [string, Record<string, unknown>, string][] = [
    ['expired', { exp: -31, iat: undefined }, 'expired'],
    ['not yet good', { nbf: 31 }, 'not_yet_valid'],
    ['from the future', { iat: 31 }, 'not_yet_valid'],
    ['good for too long', { exp: 86_401 }, 'lifetime'],
    ['good for too long, and silent about since when', { exp: 86_401, iat: undefined }, 'lifetime'],
  ];

  it.each(table)('are refused: %s', async (_what, times, why) => {
    const moved = Object.fromEntries(
      Object.entries(times).map(([name, value]) => [name, typeof value === 'number' ? now + value : undefined]),
    );
    expect(await bench.bearer(await signed(rsa, claims(moved)))).toBe(`auth_invalid ${why}`);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no exp', { exp: undefined }, 'claims'],
    ['an exp that is text', { exp: '99999999999' }, 'claims'],
    ['an exp that is null', { exp: null }, 'claims'],
    ['an nbf that is text', { nbf: '0' }, 'claims'],
    ['no aud', { aud: undefined }, 'audience'],
    ['another aud', { aud: 'https://evil.example' }, 'audience'],
    ['an aud that begins like ours', { aud: `${AUDIENCE}/admin` }, 'audience'],
    ['an aud that ours begins with', { aud: AUDIENCE.slice(0, -1) }, 'audience'],
    ['an aud with a slash behind it', { aud: `${AUDIENCE}/` }, 'audience'],
    ['an aud in capitals', { aud: AUDIENCE.toUpperCase() }, 'audience'],
    ['an empty list of audiences', { aud: [] }, 'audience'],
    ['a list in a list', { aud: [[AUDIENCE]] }, 'audience'],
    ['an aud that is a table', { aud: { [AUDIENCE]: true } }, 'audience'],
    ['no iss', { iss: undefined }, 'issuer'],
    ['another iss', { iss: 'https://id.example.evil' }, 'issuer'],
    ['an iss with a slash behind it', { iss: `${ISSUER}/` }, 'issuer'],
    ['a list of issuers', { iss: [ISSUER] }, 'issuer'],
    ['__proto__ as iss', { iss: '__proto__' }, 'issuer'],
    ['no sub', { sub: undefined }, 'subject'],
    ['an empty sub', { sub: '' }, 'subject'],
    ['a sub that is a number', { sub: 7 }, 'subject'],
    ['an endless sub', { sub: 'x'.repeat(513) }, 'subject'],
  ])('are refused: %s', async (_what, more, why) => {
    expect(await bench.bearer(await signed(rsa, claims(more)))).toBe(`auth_invalid ${why}`);
  });

  it('may be as far off as clocks are', async () => {
    expect(await bench.bearer(await signed(rsa, claims({ exp: now - 29, iat: now - 100 })))).toBe('ada');
    expect(await bench.bearer(await signed(rsa, claims({ nbf: now + 29, iat: now + 29 })))).toBe('ada');
  });

  it('are not read from what everything inherits', async () => {
    const { roles, scopes } = await bench.as({ authorization: `Bearer ${shared(own({ roles: { length: 3 } }))}` });
    expect([roles, scopes]).toEqual([[], []]);
  });

  it('of the shared secret are asked for issuer and audience once those are configured', async () => {
    await bench.reload(`jwt_secret = "${JWT_SECRET}"
[security.auth.jwt]
issuer = "me"
audience = ["us"]
roles_claim = "realm_access.roles"
scopes_claim = "scp"
tenant_claim = "https://example.com/tenant"`);
    const good = own({
      iss: 'me',
      aud: 'us',
      realm_access: { roles: 'admin,ops' },
      scp: ['a'],
      'https://example.com/tenant': 't',
    });

    expect(await bench.bearer(shared({ ...good, aud: 'them' }))).toBe('auth_invalid audience');
    expect(await bench.bearer(shared({ ...good, iss: undefined }))).toBe('auth_invalid issuer');
    expect(await bench.as({ authorization: `Bearer ${shared(good)}` })).toMatchObject({
      roles: ['admin', 'ops'],
      scopes: ['a'],
      tenant: 't',
    });
  });
});
