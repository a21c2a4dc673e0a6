import { randomBytes } from 'node:crypto';

import type { McpReply, Params, RequestId } from '../core/message.js';
import { notifiedToken } from '../protocol/index.js';
import type { PendingInput } from './pending-input.js';

/** How much one client can be asked at once: people answer one after the other. */
const MAX_INPUTS = 64;

/** Tells the ids of this process from those of any other that serves the same sessions. */
const RUN = randomBytes(6).toString('base64url');
let count = 0;

/** An id for a question that nothing else has, in this process or any other. */
export function nextInputId(): string {
  return `g.${RUN}.${(count++).toString(36)}`;
}

/** What one client was asked and has not answered, by the id that it was asked under. */
export class PendingInputs {
  /** Made with the first question: most clients are never asked anything. */
  private open: Map<RequestId, PendingInput> | undefined;
  /** Those that may be for any request of the client. */
  private unbound: Set<PendingInput> | undefined;

  get size(): number {
    return this.open?.size ?? 0;
  }

  get full(): boolean {
    return this.size >= MAX_INPUTS;
  }

  add(input: PendingInput): void {
    this.open ??= new Map();
    this.open.set(input.id, input);
  }

  /** One that was added may be for any request of the client. */
  unbind(input: PendingInput): void {
    this.unbound ??= new Set();
    this.unbound.add(input);
  }

  remove(input: PendingInput): void {
    this.open?.delete(input.id);
    this.unbound?.delete(input);
  }

  /** A request of the client has begun: its time stands still for what may be for it as well. */
  halt(exchange: { standStill(input: PendingInput): void }): void {
    if (!this.unbound) return;
    for (const input of this.unbound) exchange.standStill(input);
  }

  has(id: RequestId): boolean {
    return this.open?.has(id) ?? false;
  }

  /** False when nothing was asked under this id, or it was answered before. */
  answered(id: RequestId, reply: McpReply): boolean {
    const input = this.open?.get(id);
    input?.answered(reply);
    return input !== undefined;
  }

  /** @param params of a `notifications/progress`. False when it is about nothing that anybody wants to know of. */
  progressed(params: Params | undefined): boolean {
    const id = notifiedToken(params);
    const input = id === undefined ? undefined : this.open?.get(id);
    return params !== undefined && input !== undefined && input.progressed(params);
  }

  refuseAll(): void {
    for (const input of this.open?.values() ?? []) input.refuse();
  }
}
