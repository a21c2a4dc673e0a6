import { ANONYMOUS, principalOf } from '../core/principal.js';
import { GlobalRateConfig, RateLimitingSection, RouteRateConfig, ToolRateConfig } from './rate-limiting.section.js';
import { RatePlan } from './rate-plan.js';

const KEY = principalOf({ method: 'api_key', subject: 'ci' });

function plan(changed: Partial<RateLimitingSection> = {}): RatePlan {
  return new RatePlan(Object.assign(new RateLimitingSection(), { enabled: true, ...changed }));
}

const rate = <T extends object>(shape: new () => T, more: object = {}): T =>
  Object.assign(new shape(), { requestsPerMinute: 60, ...more });

describe('what a request counts for', () => {
  const everything = {
    keyStrategy: 'user_id' as const,
    global: rate(GlobalRateConfig),
    routes: { crm: rate(RouteRateConfig) },
    tools: [rate(ToolRateConfig, { tools: ['a*'], per: 'global' }), rate(ToolRateConfig, { tools: ['*b'] })],
  };
  const scopes = (limits: RatePlan, route: string, name?: string): string[] =>
    limits
      .clientOf(KEY, '192.0.2.1')
      .counts(route, name === undefined ? undefined : { group: 'crm', name })
      .map(({ limit, key }) => `${limit.scope} ${key.split(':').length}`);

  it('is in the order from narrow to wide', () => {
    const limits = plan(everything);
    expect(scopes(limits, 'mcp')).toEqual(['client 4', 'global 2']);
    expect(scopes(limits, 'crm')).toEqual(['client 4', 'route 5', 'global 2']);
    expect(scopes(limits, 'crm', 'x')).toEqual(['client 4', 'route 5', 'global 2']);
    expect(scopes(limits, 'mcp', 'a')).toEqual(['client 4', 'tool 3', 'global 2']);
    expect(scopes(limits, 'crm', 'ab')).toEqual(['client 4', 'route 5', 'tool 5', 'tool 3', 'global 2']);
  });

  it('is put together once for a client, a route and the limits of a tool', () => {
    const limits = plan(everything);
    const client = limits.clientOf(KEY, '192.0.2.1');
    expect(limits.clientOf(KEY, '192.0.2.2')).toBe(client);
    expect(client.counts('crm', { group: 'crm', name: 'ab' })).toBe(
      client.counts('crm', { group: 'docs', name: 'aab' }),
    );
    expect(client.counts('mcp', undefined)).toBe(client.counts('elsewhere', { group: 'crm', name: 'x' }));
    expect(client.counts('crm', undefined)).not.toBe(client.counts('mcp', undefined));
    expect(limits.clientOf(principalOf({ method: 'api_key', subject: 'other' }), '192.0.2.1')).not.toBe(client);
    expect(plan(everything).clientOf(KEY, '192.0.2.1').own.key).toBe(client.own.key);
  });

  it('is that of the address for whoever has no key of the strategy', () => {
    const limits = plan({ keyStrategy: 'api_key' });
    expect(limits.clientOf(ANONYMOUS, '192.0.2.1').own.key).toBe('rate:client:a:192.0.2.1');
    expect(limits.clientOf(ANONYMOUS, '192.0.2.2').own.key).toBe('rate:client:a:192.0.2.2');
    expect(limits.clientOf(KEY, '192.0.2.1').own.key).toMatch(/^rate:client:u:/);
    expect(plan().clientOf(KEY, '192.0.2.1').own.key).toBe('rate:client:a:192.0.2.1');
  });

  it('stays the same for an address, however many there are', () => {
    const limits = plan();
    const before = limits.clientOf(ANONYMOUS, '10.0.0.0').own.key;
    for (let n = 0; n < 25_000; n++) limits.clientOf(ANONYMOUS, `10.0.${n >> 8}.${n & 255}`);
    expect(limits.clientOf(ANONYMOUS, '10.0.0.0').own.key).toBe(before);
  });
});
