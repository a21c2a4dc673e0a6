import { ManualClock } from '../../../test/support/manual-clock.js';
import { Client, form, lotWith, relay, request, type Upstream } from '../../../test/support/parking-bench.js';
import { until } from '../../../test/support/until.js';
import { CancelledError } from '../../core/errors.js';
import { Events } from '../../core/events.js';
import { ANONYMOUS, type Principal, principalOf } from '../../core/principal.js';
import { Sealer } from '../../core/sealed.js';
import { RequestStates } from '../state/request-states.js';

describe('a parked call', () => {
  it('is one of so many of its principal, which leave room for others', async () => {
    const clock = new ManualClock();
    const lot = lotWith(clock, new RequestStates(new Sealer(Buffer.alloc(32)), clock), new Events());
    lot.limitPerPrincipal = 1;
    const calls: Pick<Upstream, 'fail'>[] = [];
    const ask = (principal: Principal): Client => {
      const client = new Client(
        ({ exchange }) => {
          exchange.target = { group: 'old', name: 'merge' };
          return lot.call(request(), exchange, relay, (_request, parked, towards) => {
            towards(form().request, parked);
            return new Promise((_, fail) => void calls.push({ fail }));
          });
        },
        { principal },
      );
      clock.advance(25);
      return client;
    };
    const of = (subject: string): Principal => principalOf({ method: 'api_key', subject });

    ask(of('ann'));
    expect(await ask(of('ann')).said()).toContain('limit_parked_calls');
    for (const other of [of('bob'), ANONYMOUS, ANONYMOUS]) ask(other);
    expect(lot.size).toBe(4);

    calls[0]!.fail(new CancelledError());
    await until(() => lot.size === 3, 'the place to be free');
    ask(of('ann'));
    expect(lot.size).toBe(4);
  });
});
