const MESSAGES = '/messages';
const SESSION = 'sessionId';

/**
 * The address for the messages of one session, as its stream announces it. It begins with `/`, because not every
 * client resolves anything else against the address that it came by; so where a proxy puts a path before ours,
 * that has to be known.
 *
 * @param publicUrl under which clients reach the gateway, where that is known
 * @param token a secret: whoever knows it may speak for the session
 */
export function endpointOf(publicUrl: string | undefined, token: string): string {
  const before = publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '');
  return `${before}${MESSAGES}?${SESSION}=${encodeURIComponent(token)}`;
}

/** Where a session is whose messages may be posted to any worker. */
export interface TokenPlace {
  /** Number of the worker that has the stream. */
  readonly slot: number;
  /** Name of the route behind it. */
  readonly route: string;
}

/** The token of a session that others have to find. */
export function placedToken(secret: string, { slot, route }: TokenPlace): string {
  return `${secret}.${slot}.${route}`;
}

/** What a token says of where its session is. Undefined for one of a process that serves alone. */
export function placeOf(token: string): TokenPlace | undefined {
  const [, slot, route] = /^[\w-]+\.(\d{1,4})\.(.+)$/.exec(token) ?? [];
  return slot === undefined || route === undefined ? undefined : { slot: Number(slot), route };
}

/** The session that a message is posted for, if one is named. */
export function sessionOf(url: string | undefined): string | undefined {
  const query = url?.indexOf('?') ?? -1;
  if (url === undefined || query < 0) return undefined;
  return new URLSearchParams(url.slice(query)).get(SESSION) ?? undefined;
}
