import type { ResponseControl, ResponseHead, ResponseListener } from './client/response-listener.js';

import type { Timer } from '../../../core/clock.js';
import { SessionLostError } from '../../session-lost.js';
import type { HttpHost } from './http-host.js';
import type { SessionRefusal } from './session-refusal.js';

const BODY_BYTES = 64 * 1_024;
/** How long the server may take over it: one that hangs must not use up the connections with what it is told. */
const PATIENCE_MS = 5_000;

/** A notification, or an answer of ours, on its way by POST. What the server says to it is of no interest. */
export class NoticePost implements ResponseListener {
  private size = 0;
  private refusal: SessionRefusal | undefined;
  private patience: Timer | undefined;

  constructor(private readonly wire: HttpHost) {}

  onRequestStart(controller: ResponseControl): void {
    this.patience = this.wire.clock.after(PATIENCE_MS, () => controller.abort(new Error('not taken')));
  }

  onResponseStart(_: ResponseControl, { status }: ResponseHead): void {
    this.refusal = this.wire.session.refusal(status);
  }

  onResponseData(controller: ResponseControl, chunk: Buffer): void {
    this.refusal?.read(chunk);
    this.size += chunk.length;
    if (this.size > BODY_BYTES) controller.abort(new Error('too long'));
  }

  onResponseEnd(): void {
    if (this.refusal?.isOfSession) this.wire.end(new SessionLostError());
    this.over();
  }

  onResponseError(): void {
    this.over();
  }

  private over(): void {
    this.patience?.cancel();
    this.wire.noticed();
  }
}
