import type { Exchange, Stay } from '../../core/exchange.js';
import type { Flow } from '../../core/flow.js';
import type { InterimMessage } from '../../core/message.js';
import type { Peer } from '../../core/peer.js';
import type { Principal } from '../../core/principal.js';

/** The stay of a modern downstream: it comes with a request, and is gone when that is over. */
export class Visit implements Stay {
  logLevel: string | undefined;
  private over = false;
  /** Made with the first that wants to know: mostly nobody does. */
  private endings: Set<() => void> | undefined;

  constructor(
    private readonly exchange: Pick<Exchange, 'id' | 'peer' | 'flow' | 'logLevel' | 'deliver'>,
    readonly principal: Principal,
  ) {
    this.logLevel = exchange.logLevel;
  }

  get id(): string {
    return this.exchange.id;
  }

  get peer(): Peer {
    return this.exchange.peer;
  }

  get ended(): boolean {
    return this.over;
  }

  get flow(): Flow {
    return this.exchange.flow;
  }

  /** There is nothing but the request: what belongs to none is said with its answer, or to nobody. */
  deliver(message: InterimMessage): void {
    this.exchange.deliver(message);
  }

  onEnd(callback: () => void): () => void {
    if (this.over) callback();
    else (this.endings ??= new Set()).add(callback);
    return () => this.endings?.delete(callback);
  }

  /** Tells everybody who wanted to know. Does nothing the second time. */
  end(): void {
    if (this.over) return;
    this.over = true;
    for (const callback of this.endings ?? []) callback();
    this.endings = undefined;
  }
}
