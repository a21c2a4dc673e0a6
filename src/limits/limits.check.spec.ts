import { openConfig, TextSource } from '../config/index.js';
import { RedisSection } from '../storage/index.js';
import { UpstreamSection } from '../upstream/index.js';
import { checkLimits } from './limits.check.js';
import { RateLimitingSection } from './rate-limiting.section.js';

const SECTIONS = [RateLimitingSection, RedisSection, UpstreamSection];
const GROUP = '[[upstream.groups.crm.servers]]\nurl = "ws://127.0.0.1:1"\n';

async function problems(toml: string) {
  const { snapshot, problems } = await openConfig({
    source: new TextSource(toml),
    sections: SECTIONS,
    environment: {},
  });
  return [...problems, ...checkLimits(snapshot)].map(({ key, message }) => `${key}: ${message}`);
}

describe('the configuration of rate limits', () => {
  it('is fine in the words of the guide', async () => {
    const toml = `${GROUP}
[security.rate_limiting]
enabled = true
requests_per_minute = 1000
burst_size = 100
key_strategy = "tenant"
[security.rate_limiting.global]
requests_per_minute = 60000
burst_size = 1000
[security.rate_limiting.routes.mcp]
requests_per_minute = 300
[security.rate_limiting.routes.crm]
requests_per_minute = 300
burst_size = 30
[[security.rate_limiting.tools]]
groups = ["crm"]
tools = ["search_*", "export"]
requests_per_minute = 60
per = "global"
`;
    expect(await problems(toml)).toEqual([]);
  });

  it('names routes and groups that there are not: nothing would be limited', async () => {
    const toml = `${GROUP}
[security.rate_limiting.routes.cmr]
requests_per_minute = 300
[[security.rate_limiting.tools]]
groups = ["crm", "docs"]
requests_per_minute = 60
`;
    expect(await problems(toml)).toEqual([
      'security.rate_limiting.routes.cmr: unknown "cmr"; known: mcp, crm',
      'security.rate_limiting.tools[0].groups: unknown "docs"; known: crm',
    ]);
  });

  it('wants a Redis to count in', async () => {
    expect(await problems('[security.rate_limiting]\nstore = "redis"')).toEqual([
      'security.rate_limiting.store: there is no [redis] url to count under; write one, or store = "memory"',
    ]);
    expect(await problems('[security.rate_limiting]\nstore = "redis"\n[redis]\nurl = "redis://r"')).toEqual([]);
  });

  it.each(['requests_per_minute = 0', 'burst_size = 0', 'burst_size = 1.5', 'key_strategy = "cookie"'])(
    'refuses %s',
    async (line) => {
      const [key] = line.split(' ');
      expect(await problems(`[security.rate_limiting]\n${line}`)).toEqual([
        expect.stringContaining(`security.rate_limiting.${key}: `) as unknown,
      ]);
    },
  );

  it('wants to know the rate of a route and of a tool', async () => {
    const found = await problems(`${GROUP}[security.rate_limiting.routes.crm]\n[[security.rate_limiting.tools]]\n`);
    expect(found.map((text) => text.split(': ')[0])).toEqual([
      'security.rate_limiting.routes.crm.requests_per_minute',
      'security.rate_limiting.tools[0].requests_per_minute',
    ]);
  });
});
