import type { BusFailure, WorkerRef } from '../../core/worker-bus.js';

/** What travels between processes. `to` is an id; a frame without one is for all others. */
export type Frame =
  | {
      readonly kind: 'tell';
      readonly topic: string;
      readonly message: unknown;
      readonly to: string | undefined;
      readonly from: WorkerRef;
    }
  | {
      readonly kind: 'ask';
      readonly topic: string;
      readonly message: unknown;
      readonly to: string;
      readonly from: WorkerRef;
      readonly question: number;
    }
  | { readonly kind: 'answer'; readonly to: string; readonly question: number; readonly answer: unknown }
  | {
      readonly kind: 'failure';
      readonly to: string;
      readonly question: number;
      readonly reason: BusFailure;
      readonly message: string;
    }
  /** From the primary alone: who is there now. */
  | { readonly kind: 'members'; readonly workers: readonly WorkerRef[] };

/** What the messages of the bus stand in, beside those that Node itself sends between a primary and its workers. */
export interface Envelope {
  readonly mcpGateway: Frame;
}

/** The frame in a message, if it is one of ours. */
export function frameOf(message: unknown): Frame | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  return (message as Partial<Envelope>).mcpGateway;
}
