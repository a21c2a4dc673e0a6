import { candidate, exchangeFrom } from '../../../test/support/candidates.js';
import type { Candidate } from '../balancing-strategy.js';
import { IpHashStrategy } from './ip-hash.strategy.js';

const CLIENTS = Array.from({ length: 4_000 }, (_, n) => `10.${n % 7}.${(n >> 8) % 256}.${n % 256}`);

describe('ip_hash', () => {
  const strategy = new IpHashStrategy();
  const pick = (candidates: readonly Candidate[], address: string) =>
    strategy.pick(candidates as [Candidate, ...Candidate[]], exchangeFrom(address)).id;
  const three = [candidate('a'), candidate('b'), candidate('c')];

  it('picks the same server for the same address, whichever way the socket wrote it', () => {
    expect(pick(three, '::ffff:192.0.2.7')).toBe(pick(three, '192.0.2.7'));
    expect(pick(three.toReversed(), '192.0.2.7')).toBe(pick(three, '192.0.2.7'));
  });

  it('moves only the clients of a server that leaves', () => {
    const left = three.filter(({ id }) => id !== 'b');

    for (const address of CLIENTS) {
      const before = pick(three, address);
      if (before !== 'b') expect(pick(left, address)).toBe(before);
    }
  });

  it('gives a server of twice the weight about twice the clients', () => {
    const servers = [candidate('a', { weight: 200 }), candidate('b', { weight: 100 })];

    const share = CLIENTS.filter((address) => pick(servers, address) === 'a').length / CLIENTS.length;

    expect(share).toBeGreaterThan(0.62);
    expect(share).toBeLessThan(0.71);
  });

  it('picks one and the same server when nobody stands behind the question', () => {
    const ids = new Set([1, 2, 3].map(() => strategy.pick(three as never, undefined).id));

    expect(ids.size).toBe(1);
  });
});
