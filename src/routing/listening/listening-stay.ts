import type { Stay } from '../../core/exchange.js';
import { Flow } from '../../core/flow.js';
import type { InterimMessage } from '../../core/message.js';
import type { Peer } from '../../core/peer.js';
import type { Principal } from '../../core/principal.js';

/**
 * The stay of a downstream that listens, as it is told of resources: until it was told what is honoured of what it
 * asked for it counts as one that does not keep up, so that what changes meanwhile is told after that.
 */
export class ListeningStay implements Stay {
  private readonly early = new Flow();
  private isBegun = false;

  constructor(private readonly stay: Stay) {
    this.early.congest();
  }

  get id(): string {
    return this.stay.id;
  }

  get principal(): Principal {
    return this.stay.principal;
  }

  get peer(): Peer | undefined {
    return this.stay.peer;
  }

  get logLevel(): string | undefined {
    return this.stay.logLevel;
  }

  get ended(): boolean {
    return this.stay.ended;
  }

  get flow(): Flow {
    return this.isBegun ? this.stay.flow : this.early;
  }

  deliver(message: InterimMessage): void {
    this.stay.deliver(message);
  }

  onEnd(callback: () => void): () => void {
    return this.stay.onEnd(callback);
  }

  /** It was told what is honoured: what changed before that is told now. */
  begin(): void {
    this.isBegun = true;
    this.early.clear();
  }
}
