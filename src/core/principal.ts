/** Who is asking, vouched for by an auth method. */
export interface Principal {
  /** The auth method that vouches, or `anonymous`. */
  readonly method: string;
  /** Stable within the method. Sessions, cursors and limits are bound to it. */
  readonly subject: string;
  readonly roles: readonly string[];
  readonly tenant: string | undefined;
}

/** Whoever asks when no auth method is configured. */
export const ANONYMOUS: Principal = Object.freeze({
  method: 'anonymous',
  subject: 'anonymous',
  roles: Object.freeze([]),
  tenant: undefined,
});

/** One string for one principal: what sessions and sealed values are bound to. */
export function principalKey({ method, subject }: Principal): string {
  return JSON.stringify([method, subject]);
}
