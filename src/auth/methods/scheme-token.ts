/** Reads what stands behind a scheme in an `Authorization` header, good or bad; undefined where it has another scheme. */
type TokenReader = (authorization: string | string[] | undefined) => string | undefined;

/** @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
export const bearerToken = readerOf(/^bearer(?: +|$)/i);

/** @see https://www.rfc-editor.org/rfc/rfc7617#section-2 */
export const basicToken = readerOf(/^basic(?: +|$)/i);

function readerOf(pattern: RegExp): TokenReader {
  return (authorization) => {
    if (typeof authorization !== 'string') return undefined;
    const scheme = pattern.exec(authorization);
    return scheme === null ? undefined : authorization.slice(scheme[0].length);
  };
}
