import { SESSION_HOMED } from '../../core/session-home.js';
import type { WorkerBus } from '../../core/worker-bus.js';

/** Sessions that are remembered, at most; the newest ones. */
const REMEMBERED = 100_000;

/** Who has taken over the sessions of workers that have gone: one worker each, whoever asked first. */
export class HomeBook {
  private readonly homes = new Map<string, string>();

  constructor(private readonly capacity = REMEMBERED) {}

  /** Answers on the bus. */
  serve(bus: WorkerBus): void {
    bus.on(SESSION_HOMED, ({ sid }, from) => this.homeOf(sid, from.id));
    bus.onLeft(({ id }) => this.forget(id));
  }

  /** @param asker takes it where nobody has */
  homeOf(sid: string, asker: string): string {
    const known = this.homes.get(sid);
    if (known !== undefined) return known;
    this.homes.set(sid, asker);
    const [oldest] = this.homes.keys();
    if (this.homes.size > this.capacity && oldest !== undefined) this.homes.delete(oldest);
    return asker;
  }

  private forget(worker: string): void {
    for (const [sid, home] of this.homes) if (home === worker) this.homes.delete(sid);
  }
}
