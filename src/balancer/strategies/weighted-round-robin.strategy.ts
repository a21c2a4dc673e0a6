import { BalancingStrategy, type Candidate } from '../balancing-strategy.js';

/**
 * Picks the servers in turn, each as often as its weight says, and spreads the turns of a heavy server
 * instead of giving them in a row (smooth weighted round robin, as nginx does it): weights 5, 1, 1 give
 * a a b a c a a.
 */
@BalancingStrategy({ name: 'weighted_round_robin' })
export class WeightedRoundRobinStrategy implements BalancingStrategy {
  private readonly credits = new Map<string, number>();

  pick<C extends Candidate>(candidates: readonly [C, ...C[]]): C {
    if (this.credits.size > candidates.length) this.forget(candidates);
    let picked = candidates[0];
    let most = Number.NEGATIVE_INFINITY;
    let total = 0;
    for (const candidate of candidates) {
      const credit = (this.credits.get(candidate.id) ?? 0) + candidate.weight;
      this.credits.set(candidate.id, credit);
      total += candidate.weight;
      if (credit > most) {
        most = credit;
        picked = candidate;
      }
    }
    this.credits.set(picked.id, most - total);
    return picked;
  }

  /** A server that was away starts anew, so that it is not flooded with the turns it missed. */
  private forget(candidates: readonly Candidate[]): void {
    const here = new Set(candidates.map(({ id }) => id));
    for (const id of this.credits.keys()) {
      if (!here.has(id)) this.credits.delete(id);
    }
  }
}
