import { revisionOf, scan, type Incoming } from '../../protocol/index.js';
import type { WireListener } from '../wire.js';

const MAX_DEPTH = 64;

/** Turns the frames of one wire into messages for its listener. */
export class Inbound {
  private batch = false;

  constructor(
    private readonly maxBytes: number,
    private readonly listener: WireListener,
  ) {}

  /** What may arrive depends on the revision, from the moment it is agreed on. */
  negotiated(revision: string): void {
    this.batch = revisionOf(revision)?.batches ?? false;
  }

  /** @param frame is kept for as long as anybody needs what stands in it, and must not be changed */
  read(frame: Buffer): Incoming {
    return scan(frame, { maxBytes: this.maxBytes, maxDepth: MAX_DEPTH, batch: this.batch });
  }

  /** Hands a message on, the messages of a batch one by one. */
  deliver(incoming: Incoming, origin: number | undefined): void {
    if (incoming.kind !== 'batch') {
      this.listener.message(incoming, origin);
      return;
    }
    for (const message of incoming.messages) this.listener.message(message, origin);
  }
}
