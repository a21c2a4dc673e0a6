/**
 * Small values under string keys, each with a time to live. What every process of a deployment is to
 * agree on goes through here and nothing else does; a value may vanish early when room is short, so it
 * must be one that can be missed.
 */
export interface KeyValue {
  /** The value, or undefined when it was never set, deleted, or has outlived its time. */
  get(key: string): Promise<string | undefined>;
  /** @param ttlMs milliseconds until it is gone; nothing is kept when not positive */
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /** Does nothing when there is none. */
  delete(key: string): Promise<void>;
}

export const KEY_VALUE = Symbol('KeyValue');
