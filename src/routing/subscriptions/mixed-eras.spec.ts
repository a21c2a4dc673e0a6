import { exchangeWith } from '../../../test/support/exchanges.ts';
import { FakeResources } from '../../../test/support/fake-resources.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { TestStay } from '../../../test/support/routing.ts';
import { until } from '../../../test/support/until.ts';
import { Sealer } from '../../core/sealed.js';
import { Holders } from '../holder/holders.js';
import { TaskRelay } from '../tasks/task-relay.js';
import { Subscriptions } from './subscriptions.js';

const URI = 'db://a';

describe('subscriptions of holders in a group of both eras', () => {
  let crm: FakeResources;
  let holders: Holders;
  let subscriptions: Subscriptions;
  let anna: TestStay;
  let bert: TestStay;

  beforeEach(() => {
    const clock = new ManualClock();
    crm = new FakeResources('crm', ['crm-1', 'crm-2'], { isolation: 'session' });
    crm.modern.add('crm-1');
    holders = new Holders(new TaskRelay(new Sealer(Buffer.alloc(32))), clock);
    subscriptions = new Subscriptions(clock, holders);
    subscriptions.carryOver([crm], { perStay: 10, perPrincipal: 10, inAll: 10 });
    anna = new TestStay('anna');
    bert = new TestStay('bert');
  });

  const holderOf = (stay: TestStay) => holders.of(holders.guest(stay, 'mcp'), crm);
  const told = ({ delivered }: TestStay) => delivered.map(({ params }) => params?.object()['uri']);

  function subscribe(stay: TestStay): Promise<unknown> {
    const interest = { route: 'mcp', group: 'crm', uri: URI, name: `crm+${URI}`, holder: holderOf(stay) };
    return subscriptions.subscribe(interest, exchangeWith({ stay }));
  }

  it('are told what a modern server says to everybody, for it has no sessions of theirs', async () => {
    await subscribe(anna);
    await subscribe(bert);
    crm.update(URI, 'crm-1');
    expect([told(anna), told(bert)]).toEqual([['crm+db://a'], ['crm+db://a']]);
    // On the session that everybody shares the other one is told of what others want to hear.
    crm.update(URI, 'crm-2');
    expect(told(anna)).toHaveLength(1);
  });

  it('end on a modern server with the last of them, and not before', async () => {
    await subscribe(anna);
    await subscribe(bert);
    await subscriptions.unsubscribe({ group: 'crm', uri: URI }, anna);
    expect(crm.subscribed.get('crm-1')).toEqual(new Set([URI]));
    bert.end();
    await until(() => crm.subscribed.get('crm-1')?.size === 0, 'the end of the last');
  });

  it('go over to a modern server when that takes the place of a legacy one', async () => {
    crm.modern.clear();
    await subscribe(anna);
    expect(crm.subscribed.get('crm-1')).toEqual(new Set([`${URI} anna`]));
    crm.modern.add('crm-1');
    crm.bring('crm-1');
    await until(() => crm.subscribed.get('crm-1')?.has(URI), 'the subscription');
    await until(() => told(anna).length === 1, 'what may have been missed');
    crm.update(URI, 'crm-1');
    expect(told(anna)).toHaveLength(2);
  });

  it('go over to another server when a modern one is lost', async () => {
    await subscribe(anna);
    crm.lose('crm-1');
    await until(() => crm.subscribed.get('crm-2')?.has(`${URI} anna`), 'the subscription');
  });
});
