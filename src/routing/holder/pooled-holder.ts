import type { Stay } from '../../core/exchange.js';
import { compareLogLevels, type LogLevel } from '../../protocol/index.js';
import { GroupHolder, type HolderHouse, type HolderTraits } from './group-holder.js';

/** How long a holder is kept that nobody needs. Milliseconds. */
const LINGER_MS = 60_000;

/** A holder that is lent to one request of a modern client after the other, and outlives each of them. */
export class PooledHolder extends GroupHolder {
  /** Not lent before: its server may still speak of the call before. Monotonic milliseconds. */
  restsUntil = Number.NEGATIVE_INFINITY;
  /** When it ends, if nobody needs it until then. Monotonic milliseconds. */
  deadline = Number.POSITIVE_INFINITY;
  private wanted: LogLevel | undefined;

  constructor(
    traits: HolderTraits,
    house: HolderHouse,
    private readonly pool: { readonly now: number; rested(holder: PooledHolder): void },
  ) {
    super(traits, house);
  }

  /** The least severe level that any request ever wanted: each is told what it wants itself. */
  override get logLevel(): string | undefined {
    return this.wanted;
  }

  /** True when no request before wanted to hear as much. */
  wants(level: LogLevel): boolean {
    if (this.wanted !== undefined && compareLogLevels(level, this.wanted) >= 0) return false;
    this.wanted = level;
    return true;
  }

  override enter(stay: Stay, routeName: string): void {
    this.deadline = Number.POSITIVE_INFINITY;
    super.enter(stay, routeName);
  }

  protected override emptied(): void {
    this.deadline = this.pool.now + LINGER_MS;
    this.pool.rested(this);
  }
}
