import { CancelledError, type GatewayError } from '../../../core/errors.js';
import { McpRequest, type McpReply } from '../../../core/message.js';
import type { Implementation, ServerPeer } from '../../../core/peer.js';
import {
  cancelledParams,
  cancelledRequest,
  codecFor,
  modernHeaders,
  notifiedToken,
  requestFrame,
  subjectOf,
  type IncomingNotification,
  type Sender,
} from '../../../protocol/index.js';
import { saysOlderTransport, saysOtherEra } from '../../transports/http/status-error.js';
import { RevisionLostError } from '../../session-lost.js';
import type { Wire } from '../../wire.js';
import { ask, type Call } from '../call.js';
import type { Slot } from '../call-table.js';
import { Listening } from '../listening/listening.js';
import type { Manner } from './manner.js';
import type { MannerHost } from './manner-host.js';
import { ModernReplies } from './modern-replies.js';

const CODEC = codecFor('modern');

/** Asks a server what it is and can do. */
export const DISCOVER = new McpRequest('server/discover', undefined);

const LISTEN = 'subscriptions/listen';

/** How long a server may take to say again what it is. Milliseconds. */
const ASK_AGAIN_MS = 5_000;

/**
 * Requests that each stand for themselves and say on whose behalf they are sent. A server asks nothing on its own,
 * and what it tells belongs to a request: to one of ours in flight, or to one that does nothing but listen.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic
 */
export class ModernManner implements Manner {
  readonly probe = DISCOVER;
  readonly isAsked = false;
  private readonly replies: ModernReplies;
  private readonly listening: Listening | undefined;
  /** Whether the server is being asked again what it is. */
  private asking = false;

  /** @param peer undefined as long as the server is only asked what it is */
  constructor(
    private readonly host: MannerHost,
    peer: ServerPeer | undefined,
  ) {
    const { clock, owner } = host;
    this.replies = new ModernReplies(host.events);
    this.listening =
      peer &&
      new Listening({
        peer,
        clock,
        owner,
        send: (call) => host.pass(call),
        dropped: (why) => host.dropped(why),
      });
  }

  answers(call: Call): boolean {
    return this.listening?.take(call) ?? false;
  }

  frame({ id, call: { request, progress, sender } }: Slot): Buffer {
    const token = progress ? id : undefined;
    return requestFrame(id, request.method, CODEC.upstreamParams(request, token, named(sender, this.host.client)));
  }

  headers({ request }: Call, wire: Wire): Readonly<Record<string, string>> | undefined {
    // Where all requests share one stream there is no place for what is said of one.
    if (!wire.knowsOrigin) return undefined;
    const headers = modernHeaders(request, request.renamed ?? subjectOf(request));
    return request.mirrors ? { ...Object.fromEntries(request.mirrors), ...headers } : headers;
  }

  judge(call: Call, reply: McpReply): McpReply | GatewayError {
    return this.replies.judge(call, reply);
  }

  begin(): void {
    this.listening?.start();
  }

  refused(error: GatewayError, call: Call | undefined): GatewayError {
    const method = call?.request.method;
    // Some modern servers refuse to be listened to in the very same way.
    if (method === LISTEN) return error;
    const isProbe = method === DISCOVER.method;
    // Servers with sessions refuse whatever comes without one, each with a status of its own.
    if (saysOtherEra(error) || (isProbe && saysOlderTransport(error))) return new RevisionLostError(error);
    if (saysOlderTransport(error)) this.askAgain();
    return error;
  }

  takes(notification: IncomingNotification, origin: number | undefined): boolean {
    const { method, params } = notification;
    if (method === 'notifications/progress' && origin !== undefined && notifiedToken(params) !== origin) {
      // Where each request has a stream of its own, a server that mixes them up must not mix up clients.
      this.host.dropped('unknown_progress');
      return true;
    }
    // A server that sends a cancellation ends a listen.
    const id = method === 'notifications/cancelled' ? cancelledRequest(params) : params?.read('subscriptionId');
    const slot = this.host.calls.find(id ?? origin);
    if (slot?.call.request.method === LISTEN) this.host.hand(notification, slot);
    else if (id === undefined) return false;
    else this.host.dropped('unknown_subscription');
    return true;
  }

  /** Where a request has an exchange of its own, its end says enough. */
  withdraw({ id }: Slot, error: GatewayError, wire: Wire): void {
    if (wire.knowsOrigin) return;
    const said = error instanceof CancelledError ? error.reason : undefined;
    this.host.notify('notifications/cancelled', cancelledParams(id, said ?? error.message));
  }

  close(): void {
    this.listening?.close();
  }

  /** A request was refused, perhaps because the server is not what it was: the answer to this one tells. */
  private askAgain(): void {
    if (this.asking) return;
    this.asking = true;
    const { host } = this;
    const answered = (): void => void (this.asking = false);
    ask((call) => host.pass(call), DISCOVER, host.clock.now() + ASK_AGAIN_MS).then(answered, answered);
  }
}

/** Who has no name is the gateway to servers. */
function named(sender: Sender, client: Implementation): Sender {
  return sender.info.name === '' ? { ...sender, info: client } : sender;
}
