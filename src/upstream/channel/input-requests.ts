import { IdTable } from '../../core/id-table.js';
import { InputRequest, type McpReply, type Params, type RequestId } from '../../core/message.js';
import {
  notificationFrame,
  refusal,
  replyFrame,
  requestedToken,
  withToken,
  type IncomingRequest,
} from '../../protocol/index.js';
import type { Attribution } from './attribution.js';
import type { Backpressure } from './backpressure.js';
import type { CallTable, Slot } from './call-table.js';
import type { ChannelOwner } from './channel-owner.js';
import type { UnpromptedHost } from './unprompted-host.js';
import { Unanswered, type InputRequestHost } from './unanswered.js';

/** How many input requests of one server may wait for an answer of one downstream. */
const MAX_UNANSWERED = 64;

/** What input requests need of the channel that they come on. */
export interface InputRequestParts {
  readonly calls: CallTable;
  readonly attribution: Attribution;
  readonly backpressure: Backpressure;
  readonly owner: ChannelOwner;
  readonly host: UnpromptedHost;
}

/**
 * What the server of one channel asks and has not been answered. Each is answered exactly once, under the server's
 * own id: by the downstream that it is for, or at once with a refusal where that is not certain.
 */
export class InputRequests implements InputRequestHost {
  private readonly table = new IdTable<Unanswered>();

  constructor(private readonly parts: InputRequestParts) {}

  get size(): number {
    return this.table.size;
  }

  /** @param origin the request on whose behalf it came, where the transport knows */
  take(request: IncomingRequest, origin: number | undefined): void {
    const { attribution, owner } = this.parts;
    const { id, method, params } = request;
    // To refuse it would answer the first one of this id.
    if (this.table.has(id.value)) return this.parts.host.dropped('duplicate_id');
    const slot = owner.holder && attribution.callFor(origin);
    if ((!slot && !attribution.sole) || this.table.size >= this.places) return this.refuse(request);
    const unanswered = new Unanswered(request, slot, this);
    this.table.set(id.value, unanswered);
    const input = new InputRequest(method, params, unanswered);
    if (slot) this.hand(input, slot);
    else this.handHolder(input);
  }

  /** Behind a session with several downstreams each call may be another one's. */
  private get places(): number {
    const { attribution, calls } = this.parts;
    return attribution.sole ? MAX_UNANSWERED : MAX_UNANSWERED * Math.max(1, calls.size);
  }

  /** The server needs no answer any more. */
  cancelled(id: RequestId | undefined, reason: string | undefined): void {
    const unanswered = id === undefined ? undefined : this.table.get(id);
    if (unanswered) unanswered.withdraw(reason);
  }

  /** The channel is over. */
  close(): void {
    for (const unanswered of this.table.values()) unanswered.withdraw(undefined);
  }

  refuse({ id, method }: Pick<IncomingRequest, 'id' | 'method'>): void {
    this.parts.host.write(replyFrame(id.bytes, refusal(method, this.parts.host.revision)));
  }

  answer({ id }: IncomingRequest, reply: McpReply): void {
    this.parts.host.write(replyFrame(id.bytes, reply));
  }

  progress({ params }: IncomingRequest, progress: Params): void {
    const token = requestedToken(params);
    if (token) this.parts.host.write(notificationFrame('notifications/progress', withToken(progress, token)));
  }

  over({ request, slot, isAnswered }: Unanswered): void {
    const { calls, owner } = this.parts;
    this.table.delete(request.id.value);
    if (slot) calls.moved(slot);
    else calls.goOn(isAnswered);
    if (this.table.size === 0 && calls.size === 0) owner.quiet();
  }

  private hand(input: InputRequest, slot: Slot): void {
    slot.call.onInterim(input);
    this.parts.backpressure.after(slot);
  }

  private handHolder(input: InputRequest): void {
    const { holder, server } = this.parts.owner;
    // It may be for any call of the holder, and so none of them may run out of time meanwhile.
    this.parts.calls.standStill();
    holder?.take(input, server);
    this.parts.backpressure.afterHolder(holder?.flow);
  }
}
