import type { ServerResponse } from 'node:http';

import type { GatewayError } from '../../core/errors.js';
import { Flow } from '../../core/flow.js';
import type { ReplyFrame } from '../../protocol/index.js';
import { sendJson } from '../http/refusal.js';
import type { Outlet } from '../outlet.js';

/** The answer to a POST that held no message: what is wrong with it is said there, and the stream hears nothing of it. */
export class RefusedPost implements Outlet {
  readonly flow = new Flow();
  readonly carriesInterim = false;

  constructor(private readonly response: ServerResponse) {}

  started(): void {
    // Nothing comes of it.
  }

  interim(): void {
    // Nothing comes before it.
  }

  reply(frame: ReplyFrame, failure: GatewayError | undefined): void {
    sendJson(this.response, failure?.traits.legacy.http ?? 400, frame.bytes, failure);
  }

  nothing(): void {
    this.response.end();
  }
}
