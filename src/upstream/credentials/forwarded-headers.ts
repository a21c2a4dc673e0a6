import type { Behalf } from '../behalf.js';

/** RFC 9110, section 5.1. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** RFC 9110, section 5.5: no line ends above all. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Headers that say who somebody is, or that belong to one connection or one message. They are never handed on. */
const OWN = new Set(
  [
    'accept accept-encoding authorization connection cookie expect forwarded host http2-settings',
    'keep-alive last-event-id origin set-cookie te trailer transfer-encoding upgrade via x-api-key',
    'x-real-ip',
  ].flatMap((line) => line.split(' ')),
);
const OWN_PREFIXES = ['content-', 'mcp-', 'proxy-', 'sec-', 'x-forwarded-'];

/** What is wrong with the name of a header that clients may hand on to a server. Undefined where nothing is. */
export function forwardProblem(name: string): string | undefined {
  if (!NAME.test(name)) return 'is not the name of a header';
  const small = name.toLowerCase();
  const isOwn = OWN.has(small) || OWN_PREFIXES.some((prefix) => small.startsWith(prefix));
  return isOwn ? 'is a header that is never handed on' : undefined;
}

/** What a client sent of the headers that it may hand on. @param names in small letters */
export function forwardedHeaders(names: readonly string[], behalf: Behalf | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  if (!behalf?.header) return headers;
  for (const name of names) {
    const value = behalf.header(name);
    if (value !== undefined && VALUE.test(value)) headers[name] = value;
  }
  return headers;
}
