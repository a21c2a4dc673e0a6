import { BalancingStrategy, type Candidate } from '../balancing-strategy.js';

/**
 * Picks the server with the fewest unanswered requests for its weight.
 *
 * Ties go to the first server after the last one picked. Otherwise an idle group would send everything
 * to its first server, and most are mostly idle.
 */
@BalancingStrategy({ name: 'least_connections' })
export class LeastConnectionsStrategy implements BalancingStrategy {
  private lastId = '';

  pick<C extends Candidate>(candidates: readonly [C, ...C[]]): C {
    const start = 1 + candidates.findIndex(({ id }) => id === this.lastId);
    let picked = candidates[start % candidates.length] ?? candidates[0];
    for (let step = 1; step < candidates.length; step++) {
      const candidate = candidates[(start + step) % candidates.length];
      if (candidate && loadOf(candidate) < loadOf(picked)) picked = candidate;
    }
    this.lastId = picked.id;
    return picked;
  }
}

function loadOf({ pending, weight }: Candidate): number {
  return pending / weight;
}
