import type { Clock, Timer } from '../../../core/clock.js';
import type { ListKind } from '../../list-kind.js';

const GATHER_MS = 50;

/** Tells of a list that changed; once only of what comes close together while it may be the same change. */
export class ToldOnce {
  private readonly gathered = new Set<ListKind>();
  private timer: Timer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly tell: (kind: ListKind) => void,
  ) {}

  /** @param mayRepeat whether the same change may be said again */
  changed(kind: ListKind, mayRepeat: boolean): void {
    if (!mayRepeat) return this.tell(kind);
    this.gathered.add(kind);
    this.timer ??= this.clock.after(GATHER_MS, () => this.tellAll());
  }

  close(): void {
    this.timer?.cancel();
  }

  private tellAll(): void {
    const kinds = [...this.gathered];
    this.gathered.clear();
    this.timer = undefined;
    for (const kind of kinds) this.tell(kind);
  }
}
