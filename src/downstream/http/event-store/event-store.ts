/** What keeps the events of streams for clients that come back for them. */
export const EVENT_STORE = Symbol('EventStore');

/**
 * Keeps what was said on event streams for a while, so that a client whose connection broke can be told what it
 * missed. Bounded: the oldest events make room for new ones. To say something never waits for the store; to read
 * it back may.
 */
export interface EventStore {
  /** Starts to keep a stream. @param stream unique in the session, and never used again */
  begin(session: string, stream: string): StreamRecord;
  /** The record of a stream of that session. Undefined when there is none, or nothing of it is left and nothing will come. */
  find(session: string, stream: string): StreamRecord | undefined | Promise<StreamRecord | undefined>;
  /** Lets go of all that was said in a session. */
  forget(session: string): void;
}

/** What was said on one stream, as far as it is still kept. Its events are numbered from 1. */
export interface StreamRecord {
  /** The number of the newest event; 0 before the first. */
  readonly last: number;
  /** Whether nothing more will be said on the stream. */
  readonly finished: boolean;
  /** Takes the next event and returns its number. */
  append(frame: Buffer): number;
  /** The events behind that number, oldest first. Those that made room for others are missing at the start. */
  after(number: number): readonly StoredEvent[] | Promise<readonly StoredEvent[]>;
  /** Nothing more will be said: what there is stays for as long as events do. */
  finish(): void;
}

export interface StoredEvent {
  readonly number: number;
  /** The message, framed. */
  readonly frame: Buffer;
}
