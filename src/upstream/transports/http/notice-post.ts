import type { Dispatcher } from 'undici';

import { UnsentError } from '../../../core/errors.js';
import type { HttpHost } from './http-host.js';

const BODY_BYTES = 64 * 1_024;

/** A notification, or an answer of ours, on its way by POST. What the server says to it is of no interest. */
export class NoticePost implements Dispatcher.DispatchHandler {
  private size = 0;

  constructor(private readonly wire: HttpHost) {}

  onRequestStart(): void {
    // Nothing depends on it.
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number): void {
    if (status !== 404 || !this.wire.session.exists) return;
    this.wire.end(new UnsentError('upstream_unavailable', 'the server does not know the session any more'));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.size += chunk.length;
    if (this.size > BODY_BYTES) controller.abort(new Error('too long'));
  }

  onResponseEnd(): void {
    this.wire.noticed();
  }

  onResponseError(): void {
    this.wire.noticed();
  }
}
