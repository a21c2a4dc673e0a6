import { AuthBench, CLIENT } from '../../test/support/auth-bench.js';
import { digestOf, Reception } from './index.js';

const KEY = 'mgk_reception';

describe('Reception', () => {
  let bench: AuthBench;

  beforeEach(async () => {
    bench = await AuthBench.open(`methods = ["api_key", "anonymous"]
[[security.auth.api_keys]]
name = "ci"
sha256 = "${digestOf(KEY)}"
[security.auth.routes.mcp]
scopes = ["mcp:use"]`);
  });
  afterEach(() => bench[Symbol.asyncDispose]());

  const code = async (headers: Record<string, string>): Promise<string> => {
    try {
      const principal = await bench.get(Reception).receive({ headers }, { route: 'mcp', clientAddress: CLIENT });
      return principal.subject;
    } catch (thrown) {
      return (thrown as { code: string }).code;
    }
  };

  it('lets observers hear of a credential that is good, but was not issued for this', async () => {
    expect(await code({ 'x-api-key': KEY })).toBe('auth_insufficient_scope');
    const to = { route: 'mcp', clientAddress: CLIENT, method: 'api_key' };
    expect(bench.decisions).toEqual([
      expect.objectContaining({ ...to, outcome: 'granted' }),
      expect.objectContaining({ ...to, outcome: 'refused', why: 'scope' }),
    ]);
    expect(bench.decisions[1]?.principal?.subject).toBe('ci');
  });

  it('tells of whoever shows nothing where something is needed, as of all others who do not', async () => {
    expect(await code({})).toBe('auth_required');
    expect(bench.decisions).toEqual([
      expect.objectContaining({ outcome: 'refused', why: 'nothing_shown', method: undefined, principal: undefined }),
    ]);
  });
});
