import { BalancingStrategy, type Candidate } from '../balancing-strategy.js';

/**
 * Picks the servers in turn, whatever their weights.
 *
 * The turn goes by the server picked last, not by a counter: when servers come and go, nobody is left
 * out and nobody comes twice.
 */
@BalancingStrategy({ name: 'round_robin' })
export class RoundRobinStrategy implements BalancingStrategy {
  private lastId = '';
  private lastIndex = -1;

  pick<C extends Candidate>(candidates: readonly [C, ...C[]]): C {
    const index = this.following(candidates) % candidates.length;
    const picked = candidates[index] ?? candidates[0];
    this.lastIndex = index;
    this.lastId = picked.id;
    return picked;
  }

  private following(candidates: readonly Candidate[]): number {
    if (candidates[this.lastIndex]?.id === this.lastId) return this.lastIndex + 1;
    const index = candidates.findIndex(({ id }) => id === this.lastId);
    // When the last one is gone, whoever stood after it has moved into its place.
    return index >= 0 ? index + 1 : Math.max(0, this.lastIndex);
  }
}
