import type { ListenOrder } from '../topics.js';

/** Who speaks for all at the start: opens what is listened on, and says that it is. */
const FIRST = 1;

/**
 * Lets workers listen together at the start: the first alone, so that whatever is wrong with an address is said once;
 * then all others; and says so when all do. Later ones do not wait for anybody.
 */
export class StartGate {
  private readonly prepared = new Map<number, (order: ListenOrder) => void>();
  private readonly listening = new Map<number, (announces: boolean) => void>();
  private phase: 'starting' | 'open' | 'over' = 'starting';

  constructor(private readonly size: number) {}

  get isOpen(): boolean {
    return this.phase === 'open';
  }

  prepare(slot: number): Promise<ListenOrder> {
    if (this.phase !== 'starting') return Promise.resolve(this.phase === 'over' ? 'leave' : 'follow');
    return new Promise((resolve) => {
      this.prepared.set(slot, resolve);
      if (this.prepared.size === this.size) this.prepared.get(FIRST)?.('first');
    });
  }

  listen(slot: number): Promise<boolean> {
    if (this.phase !== 'starting') return Promise.resolve(false);
    return new Promise((resolve) => {
      this.listening.set(slot, resolve);
      if (slot === FIRST) this.letFollow();
      if (this.listening.size === this.size) this.open();
    });
  }

  /** The start is over, and came to nothing: nobody listens any more. */
  close(): void {
    this.phase = 'over';
    for (const resolve of this.prepared.values()) resolve('leave');
    for (const resolve of this.listening.values()) resolve(false);
  }

  private letFollow(): void {
    for (const [slot, resolve] of this.prepared) if (slot !== FIRST) resolve('follow');
  }

  private open(): void {
    this.phase = 'open';
    for (const [slot, resolve] of this.listening) resolve(slot === FIRST);
  }
}
