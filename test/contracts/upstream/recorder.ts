import type { GatewayError } from '../../../src/core/errors.js';
import type { Incoming, IncomingReply } from '../../../src/protocol/index.js';
import type { WireListener } from '../../../src/upstream/wire.js';
import { until } from '../../support/until.ts';

/** Remembers all that a wire brings. */
export class Recorder implements WireListener {
  readonly messages: { readonly incoming: Incoming; readonly origin: number | undefined }[] = [];
  readonly failures = new Map<number, GatewayError>();
  ended: GatewayError | undefined;
  over: GatewayError | undefined;

  message(incoming: Incoming, origin: number | undefined): void {
    this.messages.push({ incoming, origin });
  }

  failed(requestId: number, error: GatewayError): void {
    this.failures.set(requestId, error);
  }

  ending(error: GatewayError): void {
    this.ended = error;
  }

  closed(error: GatewayError): void {
    this.over = error;
  }

  find(id: number): IncomingReply | undefined {
    const found = this.messages.find(({ incoming }) => incoming.kind === 'reply' && incoming.id.value === id);
    return found?.incoming as IncomingReply | undefined;
  }

  /** The value of the reply to a request. */
  async reply(id: number): Promise<unknown> {
    const { reply } = await until(() => this.find(id), `the reply to ${id}`);
    return reply.json.object()['value'];
  }

  /** Why there will be no reply to a request. */
  failure(id: number): Promise<GatewayError> {
    return until(() => this.failures.get(id) ?? this.over, `the failure of ${id}`);
  }
}
