import { revisionOf, scan, type Incoming } from '../../protocol/index.js';
import type { WireContext, WireListener } from '../wire.js';

const MAX_DEPTH = 64;

/** Numbers as JSON.stringify writes the ids that we give. */
const OWN_ID = /^[1-9]\d{0,14}$/;

/** Turns the frames of one wire into messages for its listener. */
export class Inbound {
  private batch = false;
  private readonly maxBytes: number;

  constructor(
    private readonly context: WireContext,
    private readonly listener: WireListener,
  ) {
    this.maxBytes = context.settings.maxMessageBytes;
  }

  /** What may arrive depends on the revision, from the moment it is agreed on. */
  negotiated(revision: string): void {
    this.batch = revisionOf(revision)?.batches ?? false;
  }

  /** @param frame is kept for as long as anybody needs what stands in it, and must not be changed */
  read(frame: Buffer): Incoming {
    const incoming = scan(frame, { maxBytes: this.maxBytes, maxDepth: MAX_DEPTH, batch: this.batch });
    if (incoming.kind !== 'batch') return this.withOwnId(incoming);
    return { ...incoming, messages: incoming.messages.map((message) => this.withOwnId(message)) };
  }

  /** Hands a message on, the messages of a batch one by one. */
  deliver(incoming: Incoming, origin: number | undefined): void {
    if (incoming.kind !== 'batch') {
      this.listener.message(incoming, origin);
      return;
    }
    for (const message of incoming.messages) this.listener.message(message, origin);
  }

  /**
   * All ids that we give are numbers, so a server that answers `"5"` can only mean 5. JSON-RPC wants the very
   * same value; the answer is taken all the same, and counted.
   */
  private withOwnId<T extends Incoming>(incoming: T): T {
    if (incoming.kind !== 'reply' && incoming.kind !== 'malformed') return incoming;
    const id = incoming.id;
    if (typeof id?.value !== 'string' || !OWN_ID.test(id.value)) return incoming;
    this.context.events.emit('message.tolerated', { where: 'upstream', why: 'string_id' });
    return { ...incoming, id: { value: Number(id.value), bytes: Buffer.from(id.value) } };
  }
}
