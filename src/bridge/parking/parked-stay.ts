import { Endable } from '../../core/endable.js';
import type { Exchange, Stay } from '../../core/exchange.js';
import type { Flow } from '../../core/flow.js';
import type { InterimMessage } from '../../core/message.js';
import type { Peer } from '../../core/peer.js';
import type { Principal } from '../../core/principal.js';

/** Stays as long as a call does, over all requests of its client that it is attended by. */
export class ParkedStay extends Endable implements Stay {
  readonly id: string;
  readonly principal: Principal;
  readonly peer: Peer | undefined;
  logLevel: string | undefined;

  constructor(
    first: Stay,
    private readonly exchange: Pick<Exchange, 'flow' | 'deliver'>,
  ) {
    super();
    this.id = first.id;
    this.principal = first.principal;
    this.peer = first.peer;
    this.logLevel = first.logLevel;
  }

  get flow(): Flow {
    return this.exchange.flow;
  }

  /** What belongs to no request is for this one: there is no other. */
  deliver(message: InterimMessage): void {
    this.exchange.deliver(message);
  }
}
