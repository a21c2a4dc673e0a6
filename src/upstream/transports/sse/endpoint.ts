const MAX_LENGTH = 4_096;

/**
 * Where messages go to, out of the `endpoint` event of a server: the path and query on the server's own origin.
 * Undefined for anything else: what a server says must not turn our requests, and the credentials in them,
 * against another.
 *
 * @param base the URL of the stream
 * @see https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse
 */
export function endpointPath(said: string, base: URL): string | undefined {
  if (said.length > MAX_LENGTH || !URL.canParse(said, base.href)) return undefined;
  const { origin, pathname, search } = new URL(said, base);
  return origin === base.origin ? pathname + search : undefined;
}
