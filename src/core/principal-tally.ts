import { principalKey, type Principal } from './principal.js';

/** Whether nobody vouches for a principal: all who are anonymous look the same, and are never counted together. */
function isAnonymous({ method }: Principal): boolean {
  return method === 'anonymous';
}

/**
 * How many of something each principal has, so that no one of them can take what is there for all. Whoever is
 * anonymous has none, however many there are: strangers must not lock each other out.
 */
export class PrincipalTally {
  private readonly counts = new Map<string, number>();

  /** How many principals have any. */
  get size(): number {
    return this.counts.size;
  }

  of(principal: Principal): number {
    return isAnonymous(principal) ? 0 : (this.counts.get(principalKey(principal)) ?? 0);
  }

  add(principal: Principal): void {
    if (isAnonymous(principal)) return;
    const key = principalKey(principal);
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  /** To be called once for each `add`. */
  remove(principal: Principal): void {
    if (isAnonymous(principal)) return;
    const key = principalKey(principal);
    const left = (this.counts.get(key) ?? 0) - 1;
    if (left > 0) this.counts.set(key, left);
    else this.counts.delete(key);
  }
}
