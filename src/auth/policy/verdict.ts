/** What becomes of a request for a thing. */
export type Verdict =
  | { readonly kind: 'allowed' }
  /** As if it did not exist. */
  | { readonly kind: 'hidden' }
  /** It may be seen, but not be used like this. */
  | { readonly kind: 'denied' }
  /** It may be seen, and used with these scopes. */
  | { readonly kind: 'scope'; readonly scopes: readonly string[] };

export const ALLOWED: Verdict = { kind: 'allowed' };
export const HIDDEN: Verdict = { kind: 'hidden' };
export const DENIED: Verdict = { kind: 'denied' };
