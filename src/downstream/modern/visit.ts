import { Endable } from '../../core/endable.js';
import type { Exchange, Stay } from '../../core/exchange.js';
import type { Flow } from '../../core/flow.js';
import type { InterimMessage } from '../../core/message.js';
import type { Peer } from '../../core/peer.js';
import type { Principal } from '../../core/principal.js';

/** The stay of a modern downstream: it comes with a request, and is gone when that is over. */
export class Visit extends Endable implements Stay {
  logLevel: string | undefined;

  constructor(
    private readonly exchange: Pick<Exchange, 'id' | 'peer' | 'flow' | 'logLevel' | 'deliver'>,
    readonly principal: Principal,
  ) {
    super();
    this.logLevel = exchange.logLevel;
  }

  get id(): string {
    return this.exchange.id;
  }

  get peer(): Peer {
    return this.exchange.peer;
  }

  get flow(): Flow {
    return this.exchange.flow;
  }

  /** There is nothing but the request: what belongs to none is said with its answer, or to nobody. */
  deliver(message: InterimMessage): void {
    this.exchange.deliver(message);
  }
}
