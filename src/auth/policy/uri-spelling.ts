/** What may stand for something else in a URI. */
const SUSPECT = /[%\\]|\/\.|\/\/|^[^:/]*[A-Z]/;
/** `scheme://authority`, which says the same in small letters. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:(?:\/\/[^/]*)?/i;
/** How often a URI may be escaped over and over before it is told from what it stands for. */
const MAX_ROUNDS = 3;

/**
 * What a server may take a URI for that decodes it, tidies up its path, and perhaps does so twice: without escapes,
 * backslashes, empty segments, `.` and `..`. Undefined where that is the URI itself.
 */
export function plainUri(uri: string): string | undefined {
  const origin = ORIGIN.exec(uri)?.[0] ?? '';
  const hasNothing =
    !SUSPECT.test(uri.slice(origin.length)) && origin === origin.toLowerCase() && !origin.includes('%');
  if (hasNothing) return undefined;
  const decoded = unescaped(uri).replaceAll('\\', '/');
  const start = ORIGIN.exec(decoded)?.[0] ?? '';
  const plain = start.toLowerCase() + tidied(decoded.slice(start.length));
  return plain === uri ? undefined : plain;
}

function unescaped(text: string): string {
  let known = text;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = known.replaceAll(/(?:%[0-9a-f]{2})+/gi, (bytes) =>
      Buffer.from(bytes.replaceAll('%', ''), 'hex').toString(),
    );
    if (next === known) break;
    known = next;
  }
  return known;
}

function tidied(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '.' && segment !== '') segments.push(segment);
  }
  const body = segments.join('/');
  return `${path.startsWith('/') ? '/' : ''}${body}${body !== '' && path.endsWith('/') ? '/' : ''}`;
}
