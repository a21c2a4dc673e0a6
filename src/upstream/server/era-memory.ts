import type { Clock } from '../../core/clock.js';
import type { Era } from '../../core/peer.js';

/** How long a server that was found to be legacy is not asked again. It may speak both, and answers as it is spoken to. */
const LEGACY_MS = 24 * 60 * 60 * 1_000;

/** What was found out of the era of one server. */
export class EraMemory {
  /** Whether the server took so long, or went away, that the next time it is given more time to answer. */
  isSlow = false;
  private latest: Era | undefined;
  /** Whether it is a matter of one message to ask again. */
  private answers = true;
  private certainUntil = Number.NEGATIVE_INFINITY;

  constructor(private readonly clock: Clock) {}

  /** What is still taken for certain. */
  get certain(): Era | undefined {
    return this.clock.now() < this.certainUntil ? this.latest : undefined;
  }

  /** Milliseconds for which the server need not be asked. */
  get certainFor(): number {
    return Math.max(0, this.certainUntil - this.clock.now());
  }

  /**
   * The server was introduced. True when that was not known, or is not what was known.
   *
   * @param answers whether it answered when it was asked, and did not have to be started or connected to anew
   */
  found(era: Era, answers: boolean): boolean {
    this.answers = answers;
    const isNews = this.latest !== era;
    this.latest = era;
    this.isSlow = false;
    this.certainUntil = era === 'modern' ? Number.POSITIVE_INFINITY : this.clock.now() + LEGACY_MS;
    return isNews;
  }

  /** The connection to it was lost: another server may be there next, if it is one that can be asked. */
  lost(): void {
    if (this.answers) this.doubt();
  }

  /** It is not what it was. */
  doubt(): void {
    this.certainUntil = Number.NEGATIVE_INFINITY;
  }
}
