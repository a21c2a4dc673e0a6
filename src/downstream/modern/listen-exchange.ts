import { JsonBytes } from '../../core/json.js';
import { CancelledError } from '../../core/errors.js';
import { type InterimNotification, type McpReply, result } from '../../core/message.js';
import { ACKNOWLEDGED, LIST_CHANGES, readParams, TASK_CHANGED } from '../../protocol/index.js';
import type { Asked } from '../exchange-core.js';
import type { Outlet } from '../outlet.js';
import { type Arrival, ModernExchange, type VisitHost } from './modern-exchange.js';
import { tagged } from './tagged.js';

/** All that is said to whoever listens. What else there is belongs to other requests, or is new to this gateway. */
const OF_A_LISTEN: ReadonlySet<string> = new Set([
  ACKNOWLEDGED,
  ...LIST_CHANGES.keys(),
  'notifications/resources/updated',
  TASK_CHANGED,
]);

/**
 * A `subscriptions/listen`: it waits for nothing, so nothing waits for it, and it ends when the client has had enough
 * or the gateway goes away. All that is said for it names it.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/utilities/subscriptions
 */
export class ListenExchange extends ModernExchange {
  constructor(request: Asked, arrival: Arrival, outlet: Outlet, visits: VisitHost) {
    super(detached(request), arrival, outlet, visits);
    this.deadline = Number.POSITIVE_INFINITY;
  }

  /** Ends it, as the gateway stops: the client knows that it has missed nothing. */
  dismiss(): void {
    this.finish('the gateway is stopping');
  }

  /** Ends it as well: the client may listen again, with another credential. */
  expire(): void {
    this.finish('credential expired');
  }

  private finish(why: string): void {
    this.settle(result({}));
    this.signal.abort(new CancelledError(why));
  }

  protected override enter(): void {
    const { session } = this.arrival;
    this.visits.visitors.listens.add(this);
    // Where there is a connection, that ends.
    if (!session) return this.visits.expiry.watch(this);
    session.inFlight.set(this.request.id.value, this);
    session.listens++;
  }

  protected override leave(): void {
    const { session } = this.arrival;
    this.visits.visitors.listens.delete(this);
    if (!session) return this.visits.expiry.forget(this);
    session.inFlight.delete(this.request.id.value);
    session.listens--;
  }

  protected override relay(message: InterimNotification): void {
    if (!OF_A_LISTEN.has(message.method)) return;
    this.send(message, tagged(message.params?.bytes, this.request.id.bytes));
  }

  protected override worded(given: McpReply): McpReply {
    const reply = super.worded(given);
    if (reply.kind === 'error') return reply;
    return { ...reply, json: new JsonBytes(tagged(reply.json.bytes, this.request.id.bytes)) };
  }
}

/** Without the rest of the frame that it came in: this is kept for as long as somebody listens. */
function detached({ id, method, params }: Asked): Asked {
  return {
    id: { value: id.value, bytes: Buffer.from(id.bytes) },
    method,
    params: params && readParams(Buffer.from(params.bytes)),
  };
}
