import { AUTH_METHODS, type AuthMethod, AuthSection, type Credentials, MethodChoice } from '../../src/auth/index.js';
import { AuthBench, JWT_SECRET } from '../support/auth-bench.js';

/** What strangers send. None of it is a credential of anybody. */
const JUNK: readonly Credentials['headers'][] = [
  ...['', ' ', 'Bearer', 'Bearer ', 'Basic', 'Basic ', 'Basic Og==', 'Basic ====', 'Bearer a.b.c', '\0'].map(
    (authorization) => ({ authorization }),
  ),
  { authorization: `Bearer ${'.'.repeat(10_000)}` },
  { authorization: `Basic ${'QQ'.repeat(5_000)}` },
  { authorization: ['Bearer x', 'Basic y'] },
  { 'x-api-key': '' },
  { 'x-api-key': '__proto__' },
  { 'x-api-key': ['a', 'b'] },
  { 'x-api-key': 'x'.repeat(10_000) },
];

describe.each(AUTH_METHODS.map((type) => [type.name, type] as const))('%s', (_name, type) => {
  let bench: AuthBench;
  let method: AuthMethod;

  beforeEach(async () => {
    bench = await AuthBench.open(`jwt_secret = "${JWT_SECRET}"`);
    method = await bench.instance<AuthMethod>(type);
    method.apply(new AuthSection());
  });
  afterEach(() => bench[Symbol.asyncDispose]());

  it('is not configured by default, and names a scheme to ask by', () => {
    const choice = bench.get(MethodChoice);
    for (const name of choice.known()) {
      expect(choice.isConfigured(name, new AuthSection())).toBe(false);
      expect(choice.traits(name).scheme).toMatch(/^[A-Z]\w+$/);
    }
  });

  it('shows nothing where nothing is shown', () => {
    expect(method.credentialOf({ headers: {} })).toBeUndefined();
    expect(method.credentialOf({ headers: { cookie: 'token=x' }, socket: {} })).toBeUndefined();
  });

  it.each(JUNK)('judges %j only when it is asked to, and knows nobody while nothing is configured', async (headers) => {
    const request: Credentials = { headers };
    const credential = method.credentialOf(request);
    if (credential === undefined) return;
    method.claimantOf?.(credential);
    const verify = async (): Promise<unknown> =>
      method.verify(credential, request, { route: 'mcp', clientAddress: '192.0.2.1' });
    await expect(verify()).rejects.toMatchObject({ name: 'AuthRefusal' });
  });
});
