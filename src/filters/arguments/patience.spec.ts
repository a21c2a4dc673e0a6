import { ManualClock } from '../../../test/support/manual-clock.js';
import type { Exchange } from '../../core/exchange.js';
import { ANONYMOUS, principalOf } from '../../core/principal.js';
import { Patience } from './patience.js';

const eve = { principal: principalOf({ method: 'jwt', subject: 'eve' }), clientAddress: '127.0.0.1' } as Exchange;
const bob = { principal: principalOf({ method: 'jwt', subject: 'bob' }), clientAddress: '127.0.0.1' } as Exchange;
const nobody = (clientAddress: string) => ({ principal: ANONYMOUS, clientAddress }) as Exchange;

function toil(ms = 25): 'toiled' {
  const start = process.threadCpuUsage();
  for (;;) {
    const { user, system } = process.threadCpuUsage(start);
    if (user + system >= ms * 1_000) break;
  }
  return 'toiled';
}

describe('the patience with callers', () => {
  it('ends for one that takes too much time, for a while, and for nobody else', async () => {
    const clock = new ManualClock();
    const patience = new Patience(clock);
    const turns = await Promise.all(Array.from({ length: 30 }, () => patience.spend(eve, 1, () => toil())));
    const done = turns.filter((turn) => turn !== 'impatient').length;
    expect(done).toBeGreaterThan(3);
    expect(done).toBeLessThan(12);
    expect(await patience.spend(bob, 1, () => 'done')).toEqual({ done: 'done' });
    expect(await patience.spend(eve, 1, () => 'done')).toBe('impatient');
    clock.advance(5_000);
    expect(await patience.spend(eve, 1, () => 'done')).toEqual({ done: 'done' });
  });

  it('tells those without a name apart by their addresses', async () => {
    const patience = new Patience(new ManualClock());
    for (let n = 0; n < 9; n++) await patience.spend(nobody('192.0.2.1'), 1, () => toil(30));
    expect(await patience.spend(nobody('192.0.2.1'), 1, () => 1)).toBe('impatient');
    expect(await patience.spend(nobody('192.0.2.2'), 1, () => 1)).toEqual({ done: 1 });
  });

  it('does one thing in a turn of the event loop, and is not disturbed by what fails', async () => {
    const patience = new Patience(new ManualClock());
    const order: string[] = [];
    const all = [0, 1, 2].map((n) =>
      patience.spend(bob, 1, () => {
        order.push(`turn ${n}`);
        setImmediate(() => order.push('others'));
        if (n === 1) throw new TypeError('no');
      }),
    );
    expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(order.slice(0, 4)).toEqual(['turn 0', 'others', 'turn 1', 'others']);
  });
});
