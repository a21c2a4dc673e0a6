import * as fc from 'fast-check';

import { exchangeWith } from '../../../test/support/exchanges.ts';
import { FakeResources } from '../../../test/support/fake-resources.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { TestStay } from '../../../test/support/routing.ts';
import { Sealer } from '../../core/sealed.js';
import { Holders } from '../holder/holders.js';
import { TaskRelay } from '../tasks/task-relay.js';
import { Subscriptions } from './subscriptions.js';

const GROUP = 'crm';
const SERVERS = ['crm-1', 'crm-2'];
const URIS = ['db://a', 'db://b'];
const LIMITS = { perStay: 100, perPrincipal: 100, inAll: 100 };

type Step =
  | { readonly do: 'subscribe' | 'unsubscribe'; readonly who: number; readonly uri: string }
  | { readonly do: 'end'; readonly who: number }
  | { readonly do: 'lose' | 'bring'; readonly server: string }
  | { readonly do: 'reload' | 'answer' };

const who = fc.nat({ max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('subscribe' as const), who, uri: fc.constantFrom(...URIS) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('unsubscribe' as const), who, uri: fc.constantFrom(...URIS) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('end' as const), who }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('lose' as const, 'bring' as const),
      server: fc.constantFrom(...SERVERS),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reload' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('answer' as const) }) },
);

/** What a stay was last told of each resource, in the order in which it asked. */
class Client {
  readonly subscribed = new Map<string, boolean>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(readonly stay: TestStay) {}

  /** Replies count in the order of the requests. */
  asked(uri: string, wants: boolean, reply: Promise<{ readonly kind: string }>): void {
    const settled = reply.then(
      ({ kind }) => kind === 'result' || !wants,
      () => false,
    );
    this.last = Promise.all([this.last, settled]).then(([, done]) => {
      if (done) this.subscribed.set(uri, wants);
    });
  }

  wants(uri: string): boolean {
    return !this.stay.ended && this.subscribed.get(uri) === true;
  }
}

describe('subscriptions in any order of events', () => {
  it('leave a server subscribed if and only if somebody wants it, and tell those and nobody else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(step, { maxLength: 40 }), async (scheduler, steps) => {
        const clock = new ManualClock();
        let group = new FakeResources(GROUP, SERVERS, {
          pace: (step) => scheduler.schedule(Promise.resolve()).then(step),
        });
        const holders = new Holders(new TaskRelay(new Sealer(Buffer.alloc(32))), clock);
        const subscriptions = new Subscriptions(clock, holders);
        subscriptions.carryOver([group], LIMITS);
        const clients = [0, 1, 2].map((each) => new Client(new TestStay(`stay-${each}`)));
        const clientOf = (index: number): Client => clients[index] as Client;

        const perform = async (each: Step): Promise<void> => {
          switch (each.do) {
            case 'subscribe': {
              const { stay } = clientOf(each.who);
              const interest = { route: 'mcp', group: GROUP, uri: each.uri, name: each.uri, holder: undefined };
              clientOf(each.who).asked(each.uri, true, subscriptions.subscribe(interest, exchangeWith({ stay })));
              break;
            }
            case 'unsubscribe': {
              const { stay } = clientOf(each.who);
              clientOf(each.who).asked(
                each.uri,
                false,
                subscriptions.unsubscribe({ group: GROUP, uri: each.uri }, stay),
              );
              break;
            }
            case 'end':
              return clientOf(each.who).stay.end();
            case 'lose':
              return group.lose(each.server);
            case 'bring':
              group.lose(each.server);
              return group.bring(each.server);
            case 'reload':
              group = group.anew();
              return subscriptions.carryOver([group], LIMITS);
            case 'answer':
              if (scheduler.count() > 0) await scheduler.waitOne();
          }
        };
        const settle = async (): Promise<void> => {
          for (let quiet = 0; quiet < 20; quiet++) {
            while (scheduler.count() > 0) {
              quiet = 0;
              await scheduler.waitOne();
            }
            await Promise.resolve();
          }
        };

        for (const each of steps) await perform(each);
        for (const server of SERVERS) if (!group.subscribed.has(server)) group.bring(server);
        await settle();
        clock.advance(10_000);
        await settle();

        for (const uri of URIS) {
          const wanted = clients.filter((client) => client.wants(uri)).map(({ stay }) => stay.id);
          const on = SERVERS.filter((server) => group.subscribed.get(server)?.has(uri));
          for (const { stay } of clients) stay.delivered.length = 0;
          for (const server of SERVERS) group.update(uri, server);
          const told = clients.filter(({ stay }) => stay.delivered.length === 1).map(({ stay }) => stay.id);

          expect(told).toEqual(wanted);
          expect(on.length > 0).toBe(wanted.length > 0);
        }
        const inAll = clients.flatMap((client) => URIS.filter((uri) => client.wants(uri)));
        expect(subscriptions.size).toBe(inAll.length);
      }),
      { numRuns: 4000 },
    );
  });
});
