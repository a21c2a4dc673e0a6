import { CancelledError, type GatewayError } from '../../../core/errors.js';
import { McpRequest, type McpReply } from '../../../core/message.js';
import { cancelledParams, codecFor, requestFrame, type Sender } from '../../../protocol/index.js';
import type { Slot } from '../call-table.js';
import type { Manner } from './manner.js';
import type { MannerHost } from './manner-host.js';

const CODEC = codecFor('legacy');
const PING = new McpRequest('ping', undefined);

/** Whoever stands behind a request was declared when the session was opened. */
const NOBODY: Sender = { declares: {}, info: { name: '', version: '' }, logLevel: undefined };

/**
 * Sessions, that begin with `initialize`: a server may ask and tell whatever it likes, and a request is taken back
 * by a notification.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle
 */
export class LegacyManner implements Manner {
  readonly probe = PING;
  readonly isAsked = true;

  constructor(private readonly host: MannerHost) {}

  answers(): boolean {
    return false;
  }

  frame({ id, call: { request, progress } }: Slot): Buffer {
    return requestFrame(id, request.method, CODEC.upstreamParams(request, progress ? id : undefined, NOBODY));
  }

  headers(): undefined {
    return undefined;
  }

  judge(_: unknown, reply: McpReply): McpReply {
    return reply;
  }

  refused(error: GatewayError): GatewayError {
    return error;
  }

  takes(): boolean {
    return false;
  }

  withdraw({ id }: Slot, error: GatewayError): void {
    const said = error instanceof CancelledError ? error.reason : undefined;
    this.host.notify('notifications/cancelled', cancelledParams(id, said ?? error.message));
  }

  close(): void {
    // Nothing is kept.
  }
}
