import type { McpError, McpReply, Params, RequestId } from '../core/message.js';
import type { Violation } from './rules.js';

/** An id as a value (for tables) and as its own bytes (for the echo, digit for digit). */
export interface MessageId {
  readonly value: RequestId;
  readonly bytes: Buffer;
}

/** What one frame turned out to be. Nothing is thrown: what is wrong is a kind like the others. */
export type Incoming = IncomingRequest | IncomingNotification | IncomingReply | IncomingBatch | Malformed;

export interface IncomingRequest {
  readonly kind: 'request';
  readonly id: MessageId;
  readonly method: string;
  readonly params: Params | undefined;
}

export interface IncomingNotification {
  readonly kind: 'notification';
  readonly method: string;
  readonly params: Params | undefined;
}

export interface IncomingReply {
  readonly kind: 'reply';
  readonly id: MessageId;
  readonly reply: McpReply;
}

/** Only where the scanner was told that batches are allowed: never nested, never empty. */
export interface IncomingBatch {
  readonly kind: 'batch';
  readonly messages: readonly Exclude<Incoming, IncomingBatch>[];
}

export interface Malformed {
  readonly kind: 'malformed';
  /** `protocol_parse_error`, `protocol_malformed`, `protocol_invalid_params` or `protocol_too_large` */
  readonly error: Violation;
  /** The id, where it was readable and valid. Wrong params without an id are those of a notification. */
  readonly id: MessageId | undefined;
  /** An error that says of no request that it is its reply (`id` null or absent), as the peer wrote it. */
  readonly orphan?: McpError;
}

/** Bounds of what the scanner accepts. */
export interface ScanLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
  /** Members of one object. Absent where nothing but the size bounds them. */
  readonly maxKeys?: number;
  /** Whether a JSON array of messages is a batch (2025-03-26 only) or malformed. */
  readonly batch: boolean;
}
