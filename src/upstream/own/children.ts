import { UnsentError } from '../../core/errors.js';

/** An own session over a child process that has nothing to do. */
export interface IdleChild {
  /** Monotonic milliseconds. */
  readonly idleSince: number;
  /** Whether its server remembers something that would be missed. */
  readonly isNeeded: boolean;
  /** Settles when the process is gone. */
  end(why: 'evicted'): Promise<void>;
}

/** Whether the one makes room before the other: what nobody would miss first, then whatever was idle for longer. */
export function isFirstToGo(one: IdleChild, other: IdleChild | undefined): boolean {
  if (!other) return true;
  return one.isNeeded === other.isNeeded ? one.idleSince < other.idleSince : other.isNeeded;
}

/** Whoever has own sessions over child processes. */
export interface ChildKeeper {
  /** The one that is the first to make room, if there is one that has nothing to do. */
  readonly idlest: IdleChild | undefined;
}

/**
 * Counts the child processes behind the servers of the gateway, so that there are never more than allowed. Those
 * that everybody shares are always allowed; those of one holder give way to others while they have nothing to do.
 */
export class Children {
  private alive = 0;
  private readonly ending = new Set<Promise<void>>();
  private readonly keepers = new Set<ChildKeeper>();

  /** Returns how to leave. */
  join(keeper: ChildKeeper): () => void {
    this.keepers.add(keeper);
    return () => this.keepers.delete(keeper);
  }

  /** A child that everybody shares is about to be started. Others make room for it where they can. */
  startShared(limit: number): void {
    this.alive++;
    if (this.alive - this.ending.size > limit) void this.evict();
  }

  /**
   * Waits until one more may be started, and counts it.
   *
   * @param limit how many there may be
   * @throws `upstream_overloaded` as `UnsentError` when all are busy
   */
  async start(limit: number): Promise<void> {
    while (this.alive >= limit) {
      const gone = this.ending.size > 0 ? Promise.race(this.ending) : this.evict();
      if (!gone) throw new UnsentError('upstream_overloaded', 'too many server processes are running');
      await gone;
    }
    this.alive++;
  }

  /** One is ending: it is counted until it has. */
  ended(gone: Promise<void>): void {
    const ending = gone.then(() => {
      this.ending.delete(ending);
      this.alive--;
    });
    this.ending.add(ending);
  }

  private evict(): Promise<void> | undefined {
    let idlest: IdleChild | undefined;
    for (const keeper of this.keepers) {
      const candidate = keeper.idlest;
      if (candidate && isFirstToGo(candidate, idlest)) idlest = candidate;
    }
    return idlest?.end('evicted');
  }
}
