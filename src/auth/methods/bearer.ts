const SCHEME = /^bearer(?: +|$)/i;

/**
 * What stands behind `Bearer` in an `Authorization` header, good or bad; undefined where it has another scheme.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
export function bearerToken(authorization: string | string[] | undefined): string | undefined {
  if (typeof authorization !== 'string') return undefined;
  const scheme = SCHEME.exec(authorization);
  return scheme === null ? undefined : authorization.slice(scheme[0].length);
}
