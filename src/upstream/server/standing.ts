import type { Clock, Timer } from '../../core/clock.js';
import type { ServerState } from '../../core/server-state.js';

/** How long a server that is away counts as coming back, and requests wait for it. */
const GRACE_MS = 5_000;

/**
 * Whether a server is connecting, up, down or draining, and since when. One that is away counts as down when
 * it could not be reached for five seconds; whatever happens to one that drains, it drains.
 */
export class Standing {
  private current: ServerState;
  private grace: Timer | undefined;
  private reason = '';

  /** @param changed hears every new state */
  constructor(
    private readonly clock: Clock,
    private readonly changed: (state: ServerState) => void,
  ) {
    this.current = { kind: 'connecting', since: clock.now() };
  }

  get state(): ServerState {
    return this.current;
  }

  /** It is on its way up, or back up. */
  connecting(): void {
    this.become({ kind: 'connecting', since: this.clock.now() });
  }

  up(): void {
    this.become({ kind: 'up', since: this.clock.now() });
  }

  /** A try to reach it was in vain. The first tries are forgiven: it may be about to come back. */
  missed(reason: string): void {
    if (this.current.kind !== 'connecting') return this.down(reason);
    this.reason = reason;
    const left = this.current.since + GRACE_MS - this.clock.now();
    if (left <= 0) this.down(reason);
    else this.grace ??= this.clock.after(left, () => this.down(this.reason));
  }

  /** Since when does not change while it is down; only the reason may. */
  down(reason: string): void {
    const { current } = this;
    if (current.kind === 'down' && current.reason === reason) return;
    const since = current.kind === 'down' ? current.since : this.clock.now();
    this.become({ kind: 'down', since, reason });
  }

  draining(): void {
    this.become({ kind: 'draining', since: this.clock.now() });
  }

  private become(state: ServerState): void {
    if (this.current.kind === 'draining') return;
    this.grace?.cancel();
    this.grace = undefined;
    this.current = state;
    this.changed(state);
  }
}
