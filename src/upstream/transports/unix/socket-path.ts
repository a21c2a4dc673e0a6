/** What the system takes for the name of a socket: on Linux 108 bytes, with the one that ends it. */
const MAX_BYTES = 107;

/** The path that `unix:///path/to.sock` names. Undefined when it names none that a socket could have. */
export function socketPath(url: string): string | undefined {
  return problemOfSocketUrl(url) === undefined ? pathOf(url) : undefined;
}

/** What is wrong with the URL of a Unix socket, for whoever wrote it. */
export function problemOfSocketUrl(url: string): string | undefined {
  if (!URL.canParse(url)) return 'not a URL';
  const { host, search, hash } = new URL(url);
  if (host !== '') return 'the path of a socket begins at the root: unix:///path/to.sock, with three slashes';
  if (search !== '' || hash !== '') return 'a socket has a path and nothing else; write %3F for ? and %23 for #';
  const path = pathOf(url);
  if (path === undefined) return 'not a path: % stands before two hexadecimal digits';
  if (!path.startsWith('/') || path.endsWith('/')) return 'names no socket: unix:///path/to.sock';
  if (path.includes('\0')) return 'a path cannot hold such characters';
  const bytes = Buffer.byteLength(path);
  return bytes > MAX_BYTES ? `the path of a socket has ${MAX_BYTES} bytes at most, not ${bytes}` : undefined;
}

function pathOf(url: string): string | undefined {
  try {
    return decodeURIComponent(new URL(url).pathname);
  } catch {
    return undefined;
  }
}
