import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AuthBench, JWT_SECRET } from '../../test/support/auth-bench.js';
import { signingKey } from '../../test/support/jwks-server.js';
import { AuthSection } from './auth.section.js';
import { checkRoutes } from './route.check.js';
import { RouteAuthConfig } from './section/route-auth.shape.js';

const SHA = 'a'.repeat(64);

async function problems(toml: string): Promise<string[]> {
  await using bench = await AuthBench.open(toml);
  return bench.problems();
}

describe('a configuration of authentication', () => {
  it.each([
    ['your-secret-key', 'is a placeholder'],
    ['secret', 'is a placeholder'],
    ['changeme', 'is a placeholder'],
    ['secretsecretsecretsecretsecretsecret', 'is a placeholder'],
    ['my-super-secret-jwt-key-1234567890-abc'.slice(0, 34), 'is a placeholder'],
    ['your-super-secret-jwt-token-with-at-least-32-characters-long', 'is a placeholder'],
    ['a-string-secret-at-least-256-bits-long', 'is a placeholder'],
    ['CHANGE_ME_q8Zt0vLxW3mK7pRb2nYc5sUe9hJ', 'is a placeholder'],
    ['x7Qm', 'is shorter than 32 bytes'],
    [JWT_SECRET.slice(1), 'is shorter than 32 bytes'],
    ['abababababababababababababababababab', 'hardly has any different characters'],
  ])('is refused with a secret like %j, which is told what to do and not repeated', async (secret, message) => {
    const [problem, ...more] = await problems(`jwt_secret = "${secret}"`);
    expect(more).toEqual([]);
    expect(problem).toContain(`security.auth.jwt_secret: ${message}`);
    expect(problem).toContain('openssl rand -base64 48');
    expect(problem).not.toContain(`"${secret}"`);
  });

  it.each([JWT_SECRET, 'Ünïcödé-päßwörter-zählen-bytes', 'kQ3vY0hF8uXcR2bW5nT7pL1mZ6sD4gJ9aE+/=='])(
    'takes a secret like %j',
    async (secret) => expect(await problems(`jwt_secret = "${secret}"`)).toEqual([]),
  );

  it('is refused where it is enabled and asks nobody', async () => {
    expect(await problems('')).toEqual([
      expect.stringMatching(/^security\.auth\.enabled: .*nothing to authenticate with/),
    ]);
    expect(await problems('methods = ["anonymous"]')).toEqual([
      expect.stringContaining('nothing to authenticate with'),
    ]);
  });

  it.each([
    ['["jwt", "jwt"]', '"jwt" stands twice'],
    ['["jtw"]', 'unknown auth method "jtw"; did you mean "jwt"?'],
    ['["kerberos"]', 'unknown auth method "kerberos"; known: jwt, api_key, basic, mtls, anonymous'],
    ['["basic", "jwt"]', 'nothing is configured for "basic"'],
    ['["anonymous", "jwt"]', '"anonymous" stands last or not at all'],
  ])('is refused with methods = %s', async (methods, message) => {
    const secret = `jwt_secret = "${JWT_SECRET}"`;
    expect(await problems(`${secret}\nmethods = ${methods}`)).toEqual([`security.auth.methods: ${message}`]);
    expect(await problems(`${secret}\n[security.auth.routes.crm]\nmethods = ${methods}`)).toEqual([
      `security.auth.routes.crm.methods: ${message}`,
    ]);
  });

  it('is refused with keys and users that are not what they should be', async () => {
    const row = (name: string, sha256 = SHA): string =>
      `[[security.auth.api_keys]]\nname = "${name}"\nsha256 = "${sha256}"`;
    const user = (name: string, hash: string): string =>
      `[[security.auth.users]]\nname = "${name}"\npassword_hash = "${hash}"`;
    expect(
      await problems(
        [
          row('a'),
          row('a'),
          user('u', 'plain'),
          user('u', '$scrypt$ln=24,r=8,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA'),
        ].join('\n'),
      ),
    ).toEqual([
      'security.auth.api_keys[1].name: stands twice',
      'security.auth.api_keys[1].sha256: stands twice',
      expect.stringMatching(/^security\.auth\.users\[0\]\.password_hash: is no scrypt or bcrypt hash/),
      'security.auth.users[1].name: stands twice',
      expect.stringMatching(/^security\.auth\.users\[1\]\.password_hash: is no scrypt or bcrypt hash/),
    ]);
  });

  it.each([
    [
      'jwks_url = "http://idp.example/jwks"',
      '.jwks_url: keys are fetched over https; over http only from this machine',
    ],
    ['jwks_url = "file:///etc/passwd"', '.jwks_url: keys are fetched over https; over http only from this machine'],
    ['jwks_url = "https://u:p@idp.example/"', '.jwks_url: credentials do not belong in a URL'],
    ['jwks_url = "junk"', '.jwks_url: not a URL'],
    ['', ': an issuer has either `jwks_url` or `public_key`'],
    ['jwks_url = "https://a.example/"\npublic_key = "x"', ': an issuer has either `jwks_url` or `public_key`'],
    ['public_key = "x"', '.public_key: is no public key in PEM or JWK (RSA of 2048 bits or more, EC, Ed25519)'],
    [
      `public_key = '''${JSON.stringify(signingKey('x', 'EdDSA').publicKey.export({ format: 'jwk' }))}'''\nalgorithms = ["RS256"]`,
      '.public_key: is of a kind that none of `algorithms` can be verified with',
    ],
  ])('is refused with an issuer of %j', async (keys, message) => {
    const issuer = `[[security.auth.jwt.issuers]]\nissuer = "i"\naudience = ["a"]\n${keys}`;
    expect(await problems(issuer)).toEqual([`security.auth.jwt.issuers[0]${message}`]);
  });

  it('is refused with a file of keys that cannot be used, of which nothing is repeated', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mcp-gateway-keys-'));
    const file = join(directory, 'keys.json');
    try {
      writeFileSync(file, '{"api_keys": [{"name": "a", "sha256": "mgk_the-key-itself"}]}');
      const [problem] = await problems(`api_keys_file = "${file}"`);
      expect(problem).toContain('security.auth.api_keys_file: api_keys[0].sha256: must be 64 hexadecimal digits');
      expect(problem).not.toContain('mgk_');
      expect(await problems(`api_keys_file = "${directory}/none.toml"`)).toEqual([
        'security.auth.api_keys_file: cannot be read (ENOENT)',
      ]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('is refused with options for a method that nobody knows', async () => {
    expect(await problems(`jwt_secret = "${JWT_SECRET}"\n[security.auth.options.saml]\nx = 1`)).toEqual([
      'security.auth.options.saml: unknown auth method "saml"; known: jwt, api_key, basic, mtls',
    ]);
  });

  it('names only routes that there are: of any other nothing would be asked', () => {
    const routes = Object.fromEntries(['mcp', 'crm', 'cmr', 'admin'].map((name) => [name, new RouteAuthConfig()]));
    const said = (groups: readonly string[] | undefined): string[] =>
      checkRoutes(Object.assign(new AuthSection(), { routes }), groups).map(({ key, message }) => `${key}: ${message}`);
    expect(said(['crm', 'docs'])).toEqual([
      'security.auth.routes.cmr: unknown "cmr"; known: mcp, crm, docs',
      'security.auth.routes.admin: no route has that name; who may use the admin API is said in [admin]',
    ]);
    expect(said(['crm', 'cmr', 'admin'])).toEqual([]);
    expect(said(undefined)).toEqual([]);
  });
});
