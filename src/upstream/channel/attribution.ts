import type { Holder } from '../holder.js';
import type { CallTable, Slot } from './call-table.js';
import type { ChannelOwner } from './channel-owner.js';

/**
 * Finds out for whom is what a server says: for the call that it came with, where the transport knows that, else
 * for the only call there is. What may be for two is for neither.
 */
export class Attribution {
  constructor(
    private readonly calls: CallTable,
    private readonly owner: ChannelOwner,
  ) {}

  /** Whose own session it is, if that is one downstream: whatever the server says can be meant for no other. */
  get sole(): Holder | undefined {
    const { holder } = this.owner;
    return holder?.plural === false ? holder : undefined;
  }

  /** The call that something came with. Undefined where that is not known, or where no downstream stands behind it. */
  with(origin: number | undefined): Slot | undefined {
    const slot = origin === undefined ? undefined : this.calls.find(origin);
    return slot?.call.attributable ? slot : undefined;
  }

  /**
   * The call that a log message is for. Servers log on after they have answered: what comes right after the reply to
   * another principal is for nobody.
   */
  callLogged(origin: number | undefined): Slot | undefined {
    const slot = this.callFor(origin);
    if (!slot || origin !== undefined || this.sole) return slot;
    return this.calls.mayMeanOther(slot) ? undefined : slot;
  }

  /**
   * The call that something is for, as far as that is certain. A call that was given up a moment ago is one that it
   * may be for as well, unless it was the same downstream's.
   */
  callFor(origin: number | undefined): Slot | undefined {
    if (origin !== undefined) return this.with(origin);
    return this.calls.isInDoubt && !this.sole ? undefined : this.calls.only();
  }
}
