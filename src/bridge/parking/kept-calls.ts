import type { Outcome, ParkedCall } from './parked-call.js';

/** Bytes of replies that are kept at most. */
const MAX_BYTES = 64 * 1_024 * 1_024;

/** Calls that are over and whose outcome may still be asked for, oldest first. */
export class KeptCalls {
  private readonly sizes = new Map<ParkedCall, number>();
  private bytes = 0;

  /** @param forget hears of those that have to make room */
  constructor(private readonly forget: (call: ParkedCall) => void) {}

  get size(): number {
    return this.sizes.size;
  }

  /** @param limit how many are kept at most */
  add(call: ParkedCall, outcome: Outcome, limit: number): void {
    const size = 'reply' in outcome ? outcome.reply.json.bytes.length : 0;
    this.sizes.set(call, size);
    this.bytes += size;
    for (const oldest of this.sizes.keys()) {
      if (this.sizes.size <= limit && this.bytes <= MAX_BYTES) return;
      this.remove(oldest);
      this.forget(oldest);
    }
  }

  remove(call: ParkedCall): void {
    this.bytes -= this.sizes.get(call) ?? 0;
    this.sizes.delete(call);
  }
}
