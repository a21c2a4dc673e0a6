import { Subject } from 'rxjs';

import { exchangeWith } from '../../test/support/exchanges.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import type { ConfigService } from '../config/index.js';
import { type GatewayError, HeaderedError } from '../core/errors.js';
import { Events, type GatewayEvents } from '../core/events.js';
import type { Exchange } from '../core/exchange.js';
import { McpRequest, result } from '../core/message.js';
import { ANONYMOUS } from '../core/principal.js';
import { MemoryRateCounter, type RateCounter } from '../storage/index.js';
import { RateLimitFilter } from './rate-limit.filter.js';
import { RateLimiter } from './rate-limiter.js';
import { GlobalRateConfig, RateLimitingSection, RouteRateConfig, ToolRateConfig } from './rate-limiting.section.js';

const REQUEST = new McpRequest('tools/call', undefined);
const REPLY = result({});
const next = () => Promise.resolve(REPLY);

type Section = Partial<RateLimitingSection>;

function section(changed: Section = {}): RateLimitingSection {
  return Object.assign(new RateLimitingSection(), { enabled: true, requestsPerMinute: 60, burstSize: 3 }, changed);
}

const rate = <T extends object>(shape: new () => T, requestsPerMinute: number, burstSize: number, more = {}): T =>
  Object.assign(new shape(), { requestsPerMinute, burstSize, ...more });

/** A limiter whose clock is the test's. */
class Limits {
  readonly clock = new ManualClock();
  readonly heard: GatewayEvents['rate.exceeded'][] = [];
  readonly limiter: RateLimiter;
  readonly filter: RateLimitFilter;
  private readonly changes = new Subject<unknown>();

  constructor(
    private current: RateLimitingSection,
    shared?: RateCounter,
  ) {
    const events = new Events();
    events.on('rate.exceeded', (event) => this.heard.push(event));
    const config = { get: () => this.current, changes: this.changes } as unknown as ConfigService;
    const local = new MemoryRateCounter(this.clock);
    this.limiter = new RateLimiter(config, events, local, shared ?? local);
    this.filter = new RateLimitFilter(this.limiter);
  }

  reload(changed: RateLimitingSection): void {
    this.current = changed;
    this.changes.next({ next: { get: () => changed } });
  }

  /** Whether so many requests pass, one after the other. */
  async pass(times: number, changed: Partial<Exchange> = {}): Promise<boolean[]> {
    const passed: boolean[] = [];
    for (let time = 0; time < times; time++) passed.push((await this.refusal(changed)) === undefined);
    return passed;
  }

  async refusal(changed: Partial<Exchange> = {}): Promise<GatewayError | undefined> {
    return this.filter.handle(REQUEST, exchangeWith(changed), next).then(
      () => undefined,
      (thrown: GatewayError) => thrown,
    );
  }
}

const from = (clientAddress: string): Partial<Exchange> => ({ clientAddress });
const onTool = (name: string, clientAddress = '192.0.2.1'): Partial<Exchange> => ({
  clientAddress,
  target: { group: 'crm', name },
});

describe('rate limits', () => {
  it('stand in no chain while they are off', () => {
    expect(new Limits(section({ enabled: false })).filter.idle).toBe(true);
    expect(new Limits(section()).filter.idle).toBe(false);
  });

  it('let a burst through, then as many as the rate says', async () => {
    const limits = new Limits(section());
    expect(await limits.pass(4)).toEqual([true, true, true, false]);
    limits.clock.advance(1_000);
    expect(await limits.pass(2)).toEqual([true, false]);
  });

  it('say what is the matter, in words for programs and in headers', async () => {
    const limits = new Limits(section({ requestsPerMinute: 40 }));
    await limits.pass(3);
    const refusal = await limits.refusal();
    expect(refusal).toBeInstanceOf(HeaderedError);
    expect(refusal).toMatchObject({
      code: 'limit_rate',
      data: { retryAfterMs: 1_500, scope: 'client' },
      headers: { 'retry-after': '2', 'ratelimit-policy': '"client";q=40;w=60', ratelimit: '"client";r=0;t=2' },
    });
    expect(limits.heard).toEqual([{ scope: 'client', route: 'mcp' }]);
  });

  it('hold nobody up for what another client does', async () => {
    const limits = new Limits(section());
    await limits.pass(50, from('192.0.2.1'));
    expect(await limits.pass(3, from('192.0.2.2'))).toEqual([true, true, true]);
  });

  it('take nothing of the global budget for a client that is held up', async () => {
    const limits = new Limits(section({ global: rate(GlobalRateConfig, 60, 10) }));
    await limits.pass(1_000, from('192.0.2.1'));
    expect(await limits.pass(3, from('192.0.2.2'))).toEqual([true, true, true]);
    expect(await limits.pass(3, from('192.0.2.3'))).toEqual([true, true, true]);
    expect(await limits.pass(3, from('192.0.2.4'))).toEqual([true, false, false]);
    expect(limits.heard.at(-1)).toEqual({ scope: 'global', route: 'mcp' });
  });

  it('count a client on a route beside what it may do at all', async () => {
    const limits = new Limits(section({ routes: { crm: rate(RouteRateConfig, 60, 1) } }));
    expect(await limits.pass(2, { route: 'crm' })).toEqual([true, false]);
    expect(limits.heard).toEqual([{ scope: 'route', route: 'crm' }]);
    expect(await limits.pass(2, { route: 'docs' })).toEqual([true, false]);
    expect(await limits.pass(1, { route: 'crm', ...from('192.0.2.2') })).toEqual([true]);
  });

  it.each(['__proto__', 'constructor', 'toString'])('find no limit under a route that is called %s', async (route) => {
    const limits = new Limits(section());
    expect(await limits.pass(3, { route })).toEqual([true, true, true]);
  });

  it('count the calls of a tool for each client, or for all of them', async () => {
    const tools = [
      rate(ToolRateConfig, 60, 1, { tools: ['own_*'] }),
      rate(ToolRateConfig, 60, 1, { tools: ['shared_*'], per: 'global' }),
    ];
    const limits = new Limits(section({ tools, burstSize: 100 }));
    expect(await limits.pass(2, onTool('own_a'))).toEqual([true, false]);
    expect(await limits.pass(1, onTool('own_b'))).toEqual([false]);
    expect(await limits.pass(1, onTool('own_a', '192.0.2.2'))).toEqual([true]);
    expect(await limits.pass(1, onTool('shared_a'))).toEqual([true]);
    expect(await limits.pass(1, onTool('shared_a', '192.0.2.2'))).toEqual([false]);
    expect(await limits.pass(2, onTool('other'))).toEqual([true, true]);
    expect(await limits.pass(1, { ...onTool('shared_a'), method: 'tools/list' })).toEqual([true]);
  });

  it('measure by the new configuration from the next request on, and forget nobody', async () => {
    const limits = new Limits(section({ requestsPerMinute: 1, burstSize: 3 }));
    expect(await limits.pass(4)).toEqual([true, true, true, false]);
    limits.reload(section({ requestsPerMinute: 60, burstSize: 3 }));
    expect((await limits.refusal())?.data).toMatchObject({ retryAfterMs: 1_000 });
    limits.reload(section({ enabled: false }));
    expect(limits.limiter.messagePace).toBeUndefined();
    expect(limits.limiter.refusal({ principal: ANONYMOUS, clientAddress: '192.0.2.1', routeName: 'mcp' })).toBe(
      undefined,
    );
  });

  it('count what no chain sees with the rest of what the client does', async () => {
    const limits = new Limits(section());
    const sender = { principal: ANONYMOUS, clientAddress: '192.0.2.1', routeName: 'mcp' };
    await limits.pass(2);
    expect(limits.limiter.refusal(sender)).toBeUndefined();
    expect(limits.limiter.refusal(sender)).toMatchObject({ code: 'limit_rate' });
    expect(await limits.pass(1)).toEqual([false]);
  });

  it('wait for a counter that is elsewhere, and count there unless they are told not to', async () => {
    const taken: string[] = [];
    const far: RateCounter = {
      take: async (key) => {
        taken.push(key);
        const allowed = key !== 'rate:global';
        return { allowed, remaining: 0, retryAfterMs: allowed ? 0 : 5, resetAfterMs: 0 };
      },
    };
    const limits = new Limits(section({ global: rate(GlobalRateConfig, 60, 1) }), far);
    expect(await limits.refusal()).toMatchObject({ data: { scope: 'global', retryAfterMs: 5 } });
    expect(taken).toEqual(['rate:client:a:192.0.2.1', 'rate:global']);
    limits.reload(section({ store: 'memory' }));
    expect(await limits.pass(1)).toEqual([true]);
    expect(taken).toHaveLength(2);
  });

  it('cost well under what a message costs', async () => {
    const limits = new Limits(section({ requestsPerMinute: 100_000_000, burstSize: 100_000_000 }));
    const exchange = exchangeWith();
    const rounds = 200_000;
    const judge = (): void => {
      for (let round = 0; round < rounds; round++) void limits.limiter.judge(exchange);
    };
    judge();
    const before = performance.now();
    judge();
    const microseconds = ((performance.now() - before) * 1_000) / rounds;
    console.info(`a decision of the rate limit: ${microseconds.toFixed(3)} µs`);
    expect(microseconds).toBeLessThan(10);
  });
});
