import { Cancellation } from '../../src/core/cancellation.js';
import type { Exchange } from '../../src/core/exchange.js';
import type { JsonObject } from '../../src/core/json.js';
import type { InterimMessage, McpReply } from '../../src/core/message.js';
import type { Peer } from '../../src/core/peer.js';
import { ANONYMOUS, type Principal } from '../../src/core/principal.js';
import { honoured } from '../../src/bridge/index.js';
import { exchangeWith } from './exchanges.ts';
import { TestStay } from './routing.ts';

export interface ModernRequestOptions {
  readonly capabilities?: JsonObject;
  readonly principal?: Principal;
  readonly changed?: Partial<Exchange>;
}

/** One request of a modern client: an exchange with a stay as long as itself, and what was delivered to it. */
export class ModernRequest {
  readonly signal = new Cancellation();
  readonly stay: TestStay;
  readonly exchange: Exchange & { readonly delivered: InterimMessage[] };

  constructor({ capabilities = {}, principal = ANONYMOUS, changed = {} }: ModernRequestOptions = {}) {
    const peer = modernPeer(capabilities);
    this.stay = new TestStay('visit', { principal });
    this.stay.peer = peer;
    const { signal, stay } = this;
    this.exchange = exchangeWith({ peer, principal, stay, signal, declares: honoured(peer), ...changed });
  }

  /** As when the downstream has its reply, or will never have one. */
  end(reason?: Error): void {
    if (reason) this.signal.abort(reason);
    this.stay.end();
  }
}

export function modernPeer(capabilities: JsonObject = {}): Peer {
  return { era: 'modern', revision: '2026-07-28', capabilities, info: { name: 'client', version: '1' } };
}

/** An `input_required` as the client reads it. */
export interface Asked {
  readonly resultType: string;
  readonly inputRequests: Record<string, { method: string; params?: JsonObject }>;
  readonly requestState: string;
}

export function askedIn(reply: McpReply): Asked {
  if (reply.kind !== 'result' || reply.type !== 'input_required') throw new Error(reply.json.bytes.toString());
  return reply.json.parse() as unknown as Asked;
}
