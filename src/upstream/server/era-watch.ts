import type { Clock, Timer } from '../../core/clock.js';
import type { Connection } from '../connection.js';
import type { EraFinder } from './era-finder.js';

/** How long it takes at least until the server is asked again. Milliseconds. */
const LEAST_MS = 60 * 60 * 1_000;

/**
 * Looks now and then whether a legacy server over HTTP speaks the modern era by now: a server that speaks both would
 * never tell. Elsewhere it is asked whenever it is connected to.
 */
export class EraWatch {
  private timer: Timer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly finder: EraFinder,
    private readonly connection: Connection,
  ) {}

  /** The server was introduced. */
  connected(): void {
    this.stop();
    const { peer } = this.connection.channel ?? {};
    if (peer?.era !== 'legacy' || !this.finder.mayChange || !this.finder.isOverHttp) return;
    this.timer = this.clock.after(Math.max(LEAST_MS, this.finder.memory.certainFor), () => this.doubt());
  }

  /** The server is connected and does not do what it did: it may be another one. */
  doubt(): void {
    if (this.timer) void this.connection.look().then(() => this.connected());
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }
}
