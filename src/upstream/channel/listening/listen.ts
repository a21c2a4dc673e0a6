import { Cancellation } from '../../../core/cancellation.js';
import { CancelledError, type GatewayError } from '../../../core/errors.js';
import { type InterimMessage, type InterimNotification, type McpReply, McpRequest } from '../../../core/message.js';
import { ACKNOWLEDGED } from '../../../protocol/index.js';
import { type Call, GATEWAY } from '../call.js';
import type { ListenFilter } from './listen-filter.js';

/** Who hears how a listen fares. */
export interface ListenOwner {
  /** The server listens to us: what it honours is known now. Called once at most. */
  acknowledged(listen: Listen): void;
  /** What the server says on it. */
  told(notification: InterimNotification): void;
  /**
   * It is over, and not because it was closed here.
   *
   * @param refused whether the server does not do such a thing; else it has stopped doing it, or broke
   */
  ended(listen: Listen, refused: boolean): void;
}

/** One `subscriptions/listen`: what it asks for never changes, and it lasts until it is closed or ends. */
export class Listen implements Call {
  readonly request: McpRequest;
  readonly signal = new Cancellation();
  readonly flow = undefined;
  readonly progress = false;
  readonly attributable = false;
  readonly sender = GATEWAY;
  /** Undefined until it is acknowledged. */
  honoured: ListenFilter | undefined;
  private over = false;

  /** @param patience until when it has to be acknowledged, in monotonic milliseconds */
  constructor(
    readonly asked: ListenFilter,
    private readonly patience: number,
    private readonly owner: ListenOwner,
  ) {
    this.request = new McpRequest('subscriptions/listen', asked.params());
  }

  /** Once it is acknowledged there is no hurry any more. */
  get deadline(): number {
    return this.honoured ? Number.POSITIVE_INFINITY : this.patience;
  }

  /** Nobody wants to hear more of it. */
  close(): void {
    this.over = true;
    this.signal.abort(new CancelledError());
  }

  onInterim(message: InterimMessage): void {
    if (message.kind === 'request') message.refused();
    else if (this.over) return;
    else if (message.method === ACKNOWLEDGED) this.acknowledged(message);
    else if (message.method === 'notifications/cancelled') this.cancelled();
    else this.owner.told(message);
  }

  standStill(): void {
    // No downstream stands behind it that could be asked.
  }

  goOn(): void {
    // As for standing still.
  }

  done({ kind }: McpReply): void {
    // What is answered before it is acknowledged, whatever the answer, is no listen.
    this.end(kind === 'error' || !this.honoured);
  }

  failed(error: GatewayError): void {
    this.end(error.code === 'upstream_protocol_error');
  }

  private acknowledged({ params }: InterimNotification): void {
    if (this.honoured) return;
    this.honoured = this.asked.honouredBy(params);
    this.owner.acknowledged(this);
  }

  /** Some servers end a listen so, and then do not answer it. */
  private cancelled(): void {
    this.end(false);
    this.close();
  }

  private end(refused: boolean): void {
    if (this.over) return;
    this.over = true;
    this.owner.ended(this, refused && !this.honoured);
  }
}
