import type { Flow } from '../../core/flow.js';
import type { Wire } from '../wire.js';
import type { Attribution } from './attribution.js';
import type { CallTable, Slot } from './call-table.js';

/**
 * Lets a server wait for a downstream that does not take what it is sent: on the stream of the request where the
 * transport has one for each, else on the whole wire where it is one downstream's. A wire that many share is never
 * stopped for one of them.
 */
export class Backpressure {
  /** Those for which the whole wire is stopped. */
  private readonly slow = new Set<Flow>();

  constructor(
    private readonly host: { readonly wire: Wire | undefined },
    private readonly calls: CallTable,
    private readonly attribution: Attribution,
  ) {}

  /** A call was handed something. */
  after(slot: Slot): void {
    const { flow } = slot.call;
    if (!flow?.congested) return;
    const wire = this.host.wire;
    if (!wire?.knowsOrigin) this.afterHolder(flow);
    else if (!slot.paused && this.calls.find(slot.id) === slot) this.pause(wire, slot, flow);
  }

  /** The holder of the channel was handed something, or one of its calls was. */
  afterHolder(flow: Flow | undefined): void {
    if (!flow?.congested || this.slow.has(flow) || !this.attribution.sole) return;
    this.slow.add(flow);
    if (this.slow.size === 1) this.host.wire?.pause();
    flow.whenClear(() => {
      this.slow.delete(flow);
      if (this.slow.size === 0) this.host.wire?.resume();
    });
  }

  private pause(wire: Wire, slot: Slot, flow: Flow): void {
    slot.paused = true;
    wire.pause(slot.id);
    flow.whenClear(() => {
      slot.paused = false;
      wire.resume(slot.id);
    });
  }
}
