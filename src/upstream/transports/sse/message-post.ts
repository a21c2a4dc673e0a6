import type { ResponseControl, ResponseHead, ResponseListener } from '../http/client/response-listener.js';

import type { Clock, Timer } from '../../../core/clock.js';
import { GatewayError, UnsentError } from '../../../core/errors.js';
import { statusFailure } from '../http/status-error.js';

const BODY_BYTES = 64 * 1_024;
/** How long a server may take over what nobody waits for an answer to. */
const PATIENCE_MS = 5_000;

/** What became of a message. */
export interface PostOwner {
  readonly clock: Clock;
  /** The server has taken it, or it failed and why. Called once, unless it was abandoned. */
  posted(post: MessagePost, failure: GatewayError | undefined): void;
}

/** One message on its way by POST. Its reply, if it is a request, comes on the stream: here only whether it was taken. */
export class MessagePost implements ResponseListener {
  private controller: ResponseControl | undefined;
  private failure: GatewayError | undefined;
  private size = 0;
  private over = false;
  private patience: Timer | undefined;

  /** @param requestId of a request, which has as much time as whoever waits for it gives it */
  constructor(
    private readonly owner: PostOwner,
    readonly requestId: number | undefined,
  ) {}

  abandon(): void {
    this.over = true;
    this.patience?.cancel();
    this.controller?.abort(new Error('abandoned'));
  }

  onRequestStart(controller: ResponseControl): void {
    this.controller = controller;
    if (this.over) controller.abort(new Error('abandoned'));
    else if (this.requestId === undefined) {
      this.patience = this.owner.clock.after(PATIENCE_MS, () => controller.abort(new Error('not taken')));
    }
  }

  onResponseStart(_: ResponseControl, { status }: ResponseHead): void {
    if (status >= 300) this.failure = statusFailure(status);
  }

  onResponseData(controller: ResponseControl, chunk: Buffer): void {
    this.size += chunk.length;
    if (this.size <= BODY_BYTES) return;
    this.done(this.failure);
    controller.abort(new Error('too long'));
  }

  onResponseEnd(): void {
    this.done(this.failure);
  }

  onResponseError(_: ResponseControl | undefined, cause: Error): void {
    this.done(this.failure ?? (this.controller ? broken(cause) : unsent(cause)));
  }

  private done(failure: GatewayError | undefined): void {
    if (this.over) return;
    this.over = true;
    this.patience?.cancel();
    this.owner.posted(this, failure);
  }
}

function broken(cause: Error): GatewayError {
  return new GatewayError('upstream_unavailable', 'the connection broke before the reply', {}, { cause });
}

function unsent(cause: Error): GatewayError {
  return new UnsentError('upstream_unavailable', 'the server could not be connected to', {}, { cause });
}
