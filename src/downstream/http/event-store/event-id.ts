/** Where in a session's streams a client has read up to. */
export interface EventId {
  /** The stream, unique in its session. */
  readonly stream: string;
  /** The event on that stream. 0 is before the first message. */
  readonly number: number;
}

/** Nonce, kind and count of a stream, then the number of the event. */
const SHAPE = /^([\w-]{6}\.[gp][0-9a-z]{1,8})\.([0-9a-z]{1,8})$/;

/** Characters that tell the worker. */
const SLOT_LENGTH = 2;

/** How the session's own streams are told from those that answer a POST. */
export type StreamKind = 'own' | 'post';

/**
 * The name of a stream.
 *
 * @param nonce six characters (base64url) that tell this stay of the session from others in this process or another
 * @param count which stream of the session it is
 */
export function streamName(nonce: string, kind: StreamKind, count: number): string {
  return `${nonce}.${kind === 'own' ? 'g' : 'p'}${count.toString(36)}`;
}

/**
 * The nonce of a stay in a process that serves with others.
 *
 * @param slot of this worker: whoever is handed an event id finds it there
 * @param random four characters (base64url)
 */
export function nonceOf(slot: number, random: string): string {
  return slot.toString(36).padStart(SLOT_LENGTH, '0') + random;
}

/** The number of the worker that has the stream of an event, by its id. Only where all nonces are made by `nonceOf`. */
export function slotOf(id: string): number {
  return Number.parseInt(id.slice(0, SLOT_LENGTH), 36);
}

/** Whether a stream, by its name, is one that a session opened by GET for what belongs to no request. */
export function isOwnStream(stream: string): boolean {
  return stream[7] === 'g';
}

/**
 * The `id` of an event: unique in the session, and tells the stream.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery
 */
export function eventId(stream: string, number: number): string {
  return `${stream}.${number.toString(36)}`;
}

/** Undefined for what was never given out as an id. */
export function readEventId(text: string): EventId | undefined {
  const [, stream, number] = SHAPE.exec(text) ?? [];
  return stream === undefined || number === undefined ? undefined : { stream, number: Number.parseInt(number, 36) };
}
