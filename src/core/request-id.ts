import { randomUUID } from 'node:crypto';

/** Header with the id of a request: what a client or a proxy gave it, and what is told back. */
export const REQUEST_ID = 'x-request-id';

const ACCEPTED = /^[\w.:-]{1,128}$/;

/** The id under which an HTTP request is logged: its own, if that can do no harm in a log, else a new one. */
export function requestIdOf(headers: Readonly<Record<string, string | string[] | undefined>>): string {
  const given = headers[REQUEST_ID];
  return typeof given === 'string' && ACCEPTED.test(given) ? given : randomUUID();
}
