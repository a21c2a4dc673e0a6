import { AuthBench, JWT_SECRET } from '../../test/support/auth-bench.js';
import type { ChallengeCause } from './challenges.js';

const SHA = 'a'.repeat(64);

describe('Challenges', () => {
  let bench: AuthBench;

  beforeEach(async () => {
    bench = await AuthBench.open(`jwt_secret = "${JWT_SECRET}"
methods = ["api_key", "jwt", "anonymous"]
[[security.auth.api_keys]]
name = "a"
sha256 = "${SHA}"
[security.auth.mtls]
enabled = true
[security.auth.routes.crm]
methods = ["jwt"]
[security.auth.routes.vault]
methods = ["mtls"]`);
  });
  afterEach(() => bench[Symbol.asyncDispose]());

  const asked = (route: string, code: ChallengeCause['code'] = 'auth_required', scopes?: string[]) =>
    bench.challenges.headersFor({ route, code, ...(scopes ? { scopes } : {}) })['www-authenticate'];

  it('are made of the methods of a route, in their order', () => {
    expect(asked('mcp')).toBe('ApiKey realm="mcp-gateway", Bearer');
    expect(asked('crm')).toBe('Bearer');
    expect(asked('vault')).toBe('Certificate realm="mcp-gateway"');
  });

  it('say what was wrong with a token, in the words of RFC 6750', () => {
    expect(asked('crm', 'auth_invalid')).toBe('Bearer error="invalid_token"');
    expect(asked('crm', 'auth_insufficient_scope', ['a', 'b'])).toBe('Bearer error="insufficient_scope", scope="a b"');
  });

  it('take what others have to add, for as long as they do', () => {
    const takeBack = bench.challenges.extend('Bearer', ({ route }) => ({
      resource_metadata: `https://gw.example/${route}`,
      realm: 'say "hi" \\ \r\nSet-Cookie: x',
      error: undefined,
    }));
    expect(asked('crm', 'auth_invalid')).toBe(
      'Bearer resource_metadata="https://gw.example/crm", realm="say \\"hi\\" \\\\ Set-Cookie: x"',
    );
    takeBack();
    expect(asked('crm')).toBe('Bearer');
  });
});
