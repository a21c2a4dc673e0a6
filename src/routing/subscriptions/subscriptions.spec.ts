import { Cancellation } from '../../core/cancellation.js';
import { CancelledError } from '../../core/errors.js';
import type { Exchange } from '../../core/exchange.js';
import { exchangeWith } from '../../../test/support/exchanges.ts';
import { FakeResources } from '../../../test/support/fake-resources.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { TestStay } from '../../../test/support/routing.ts';
import { until } from '../../../test/support/until.ts';
import { principalOf } from '../../core/principal.js';
import { Sealer } from '../../core/sealed.js';
import { Holders } from '../holder/holders.js';
import { TaskRelay } from '../tasks/task-relay.js';
import { Subscriptions } from './subscriptions.js';

const LIMITS = { perStay: 3, perPrincipal: 5, inAll: 5 };
const CRM = 'crm';

describe('subscriptions', () => {
  let clock: ManualClock;
  let crm: FakeResources;
  let holders: Holders;
  let subscriptions: Subscriptions;
  let anna: TestStay;
  let bert: TestStay;

  beforeEach(() => {
    clock = new ManualClock();
    crm = new FakeResources(CRM, ['crm-1', 'crm-2']);
    holders = new Holders(new TaskRelay(new Sealer(Buffer.alloc(32))), clock);
    subscriptions = new Subscriptions(clock, holders);
    subscriptions.carryOver([crm], LIMITS);
    anna = new TestStay('anna');
    bert = new TestStay('bert');
  });

  async function subscribe(stay: TestStay, uri: string, changed: Partial<Exchange> = {}): Promise<string> {
    const interest = { route: 'mcp', group: CRM, uri, name: `crm+${uri}`, holder: undefined };
    const reply = await subscriptions.subscribe(interest, exchangeWith({ stay, ...changed }));
    return `${reply.kind} ${reply.json.bytes.toString()}`;
  }

  function unsubscribe(stay: TestStay, uri: string): Promise<unknown> {
    return subscriptions.unsubscribe({ group: CRM, uri }, stay);
  }

  function toldTo({ delivered }: TestStay): unknown[] {
    return delivered.map(({ method, params }) => {
      expect(method).toBe('notifications/resources/updated');
      return params?.object()['uri'];
    });
  }

  it('tell the server of the first who wants to hear of a resource, and of the last who does not any more', async () => {
    expect(await subscribe(anna, 'db://a')).toBe('result {}');
    expect(await subscribe(bert, 'db://a')).toBe('result {}');
    await unsubscribe(anna, 'db://a');
    expect(crm.said).toEqual(['resources/subscribe db://a']);

    await unsubscribe(bert, 'db://a');

    expect(crm.said).toEqual(['resources/subscribe db://a', 'resources/unsubscribe db://a']);
    expect(subscriptions.size).toBe(0);
  });

  it('end with the stay', async () => {
    await subscribe(anna, 'db://a');
    await subscribe(bert, 'db://a');
    await subscribe(bert, 'db://b');

    bert.end();
    await until(() => crm.said.includes('resources/unsubscribe db://b'), 'the end of the subscription');

    expect(crm.subscribed.get('crm-1')).toEqual(new Set(['db://a']));
    expect(subscriptions.size).toBe(1);
  });

  it('bring an update to subscribers only, under the name that each of them used, and only once', async () => {
    await subscribe(anna, 'db://a');
    await subscribe(anna, 'db://a/b');
    await subscribe(bert, 'db://b');

    crm.update('db://a/b', 'crm-1');

    expect(toldTo(anna)).toEqual(['crm+db://a/b']);
    expect(toldTo(bert)).toEqual([]);
  });

  it('bring the update of a part of what is subscribed to, but not of what is only called alike', async () => {
    await subscribe(anna, 'db://a');

    for (const uri of ['db://a/b', 'db://ab', 'db://', 'db://a?c']) crm.update(uri, 'crm-1');

    expect(toldTo(anna)).toEqual(['crm+db://a/b', 'crm+db://a?c']);
  });

  it('hear the server on which they were made, and no replica', async () => {
    await subscribe(anna, 'db://a');

    crm.update('db://a', 'crm-2');

    expect(toldTo(anna)).toEqual([]);
  });

  it('relay the error of a server, and then there is nothing', async () => {
    crm.refused.add('db://a');

    expect(await subscribe(anna, 'db://a')).toBe('error {"code":-32002,"message":"Resource not found"}');
    expect(subscriptions.size).toBe(0);

    crm.refused.clear();
    expect(await subscribe(anna, 'db://a')).toBe('result {}');
  });

  it('are none where nobody could be asked', async () => {
    crm.lose('crm-1');
    crm.lose('crm-2');

    await expect(subscribe(anna, 'db://a')).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect(subscriptions.size).toBe(0);
  });

  it('are none for a request that was cancelled meanwhile', async () => {
    const signal = new Cancellation();
    const subscribed = subscribe(anna, 'db://a', { signal });

    signal.abort(new CancelledError());

    await expect(subscribed).rejects.toMatchObject({ code: 'exchange_cancelled' });
    await until(() => crm.subscribed.get('crm-1')?.size === 0, 'the server to be told');
    expect(subscriptions.size).toBe(0);
  });

  it('move to another replica when theirs is lost, and then tell that something may have changed', async () => {
    await subscribe(anna, 'db://a');
    await subscribe(bert, 'db://a');

    crm.lose('crm-1');
    await until(() => anna.delivered.length > 0, 'word of what may have changed');

    expect(crm.subscribed.get('crm-2')).toEqual(new Set(['db://a']));
    expect([toldTo(anna), toldTo(bert)]).toEqual([['crm+db://a'], ['crm+db://a']]);
  });

  it('come back with the server that comes back', async () => {
    crm.lose('crm-2');
    await subscribe(anna, 'db://a');
    crm.lose('crm-1');
    await until(() => clock.timers > 0, 'the attempt to move');

    crm.bring('crm-1');
    await until(() => anna.delivered.length > 0, 'word of what may have changed');

    expect(crm.subscribed.get('crm-1')).toEqual(new Set(['db://a']));
    expect(toldTo(anna)).toEqual(['crm+db://a']);
  });

  it('are tried again after a pause where a server was too busy', async () => {
    await subscribe(anna, 'db://a');
    const servers = [...crm.subscribed];
    crm.lose('crm-1');
    crm.subscribed.clear();
    await until(() => clock.timers > 0, 'the attempt in vain');

    crm.subscribed.set('crm-2', servers[1]?.[1] ?? new Set());
    clock.advance(10_000);
    await until(() => anna.delivered.length > 0, 'word of what may have changed');

    expect(crm.subscribed.get('crm-2')).toEqual(new Set(['db://a']));
  });

  it('outlive a generation, and are made again with its group', async () => {
    await subscribe(anna, 'db://a');
    const next = crm.anew();

    subscriptions.carryOver([next], LIMITS);
    await until(() => next.said.length > 0, 'the new group to be asked');
    crm.update('db://a', 'crm-1');
    expect(toldTo(anna)).toEqual([]);

    next.update('db://a', 'crm-1');
    expect(toldTo(anna)).toEqual(['crm+db://a']);
  });

  it('are forgotten with a group that is gone', async () => {
    await subscribe(anna, 'db://a');

    subscriptions.carryOver([], LIMITS);

    expect(subscriptions.size).toBe(0);
    await expect(subscribe(anna, 'db://a')).rejects.toMatchObject({ code: 'upstream_unavailable' });
  });

  it('are bounded for each principal, and only for those who are known', async () => {
    const ann = principalOf({ method: 'api_key', subject: 'ann' });
    const [first, second] = [new TestStay('1', { principal: ann }), new TestStay('2', { principal: ann })];
    subscriptions.carryOver([crm], { perStay: 3, perPrincipal: 2, inAll: 5 });
    await subscribe(first, 'db://a');
    await subscribe(second, 'db://b');

    await expect(subscribe(second, 'db://c')).rejects.toMatchObject({ code: 'limit_subscriptions' });
    for (const uri of ['a', 'b', 'c']) await subscribe(anna, `db://${uri}`);
    subscriptions.release(anna);
    subscriptions.release(first);
    expect(await subscribe(second, 'db://c')).toBe('result {}');
  });

  it('are bounded for each downstream and in all', async () => {
    for (const uri of ['a', 'b', 'c']) await subscribe(anna, `db://${uri}`);
    await expect(subscribe(anna, 'db://d')).rejects.toMatchObject({ code: 'limit_subscriptions' });
    // What it has already it may ask for again.
    expect(await subscribe(anna, 'db://a')).toBe('result {}');

    await subscribe(bert, 'db://a');
    await subscribe(bert, 'db://b');
    await expect(subscribe(bert, 'db://c')).rejects.toMatchObject({ code: 'limit_subscriptions' });
    await expect(subscribe(bert, `db://${'x'.repeat(9_000)}`)).rejects.toMatchObject({
      code: 'protocol_invalid_params',
    });
  });

  it('wait for a downstream that does not keep up, which is then told once of each resource', async () => {
    await subscribe(anna, 'db://a');
    await subscribe(anna, 'db://b');
    anna.flow.congest();
    for (const uri of ['db://a', 'db://a/1', 'db://a/2', 'db://b']) crm.update(uri, 'crm-1');
    expect(toldTo(anna)).toEqual([]);
    await unsubscribe(anna, 'db://b');

    anna.flow.clear();

    expect(toldTo(anna)).toEqual(['crm+db://a']);
  });

  it('do not take an update for lost that comes before the answer', async () => {
    const held: (() => void)[] = [];
    const slow = new FakeResources(CRM, ['crm-1'], {
      pace: (step) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        held.push(resolve);
        return promise.then(step);
      },
    });
    subscriptions.carryOver([slow], LIMITS);
    const subscribed = subscribe(anna, 'db://a');
    await until(() => held.length === 1, 'the question');
    held.shift()?.();
    await until(() => held.length === 1, 'the answer on its way');

    slow.update('db://a', 'crm-1');
    held.shift()?.();
    await subscribed;

    expect(toldTo(anna)).toEqual(['crm+db://a']);
  });
});
