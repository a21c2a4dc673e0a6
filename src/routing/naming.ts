import { createHash } from 'node:crypto';

/** What the hosts of language models accept at most as the name of a tool. */
export const LONGEST_NAME = 64;

const MARK_LENGTH = 8;
const ILLEGAL = /[^A-Za-z0-9_-]/gu;
const WEB = /^https?:/i;
const APP = 'ui://';

/**
 * What the tool or prompt `name` of a group is called on the aggregated route: `<prefix>__<name>`, with `_` in
 * place of whatever the hosts of language models refuse, and cut and marked when it is too long for them.
 * Without a prefix a name is never touched. The same on every replica and after every restart.
 *
 * It is not meant to be read back: names are resolved by looking them up.
 */
export function exposeName(prefix: string, name: string): string {
  if (prefix === '') return name;
  const plain = legal(prefix, name);
  return plain.length <= LONGEST_NAME ? plain : markName(prefix, name);
}

/** As `exposeName`, but always told apart by a mark of its own: for a name whose plain form is taken. */
export function markName(prefix: string, name: string): string {
  const mark = createHash('sha256')
    .update(JSON.stringify([prefix, name]))
    .digest('hex')
    .slice(0, MARK_LENGTH);
  return `${legal(prefix, name).slice(0, LONGEST_NAME - MARK_LENGTH - 1)}_${mark}`;
}

/**
 * What the URI or URI template of a group is called on the aggregated route: `<prefix>+<uri>`. What is read
 * from the web directly stays as it is, and `ui:` addresses stay in their scheme (`ui://<prefix>/…`), because
 * hosts of MCP Apps know them by it. Nothing is ever put inside the braces of a template.
 */
export function exposeUri(prefix: string, uri: string): string {
  if (prefix === '' || WEB.test(uri)) return uri;
  return uri.startsWith(APP) ? `${APP}${prefix}/${uri.slice(APP.length)}` : `${prefix}+${uri}`;
}

/** The group's own form of what `exposeUri` made, or undefined when the prefix is not in it. */
export function restoreUri(prefix: string, exposed: string): string | undefined {
  if (prefix === '') return exposed;
  if (isAfter(exposed, `${prefix}+`)) return exposed.slice(prefix.length + 1);
  const app = `${APP}${prefix}/`;
  return isAfter(exposed, app) ? APP + exposed.slice(app.length) : undefined;
}

/** Whether a name is one that `exposeName` may have made for this prefix. */
export function bearsPrefix(prefix: string, exposed: string): boolean {
  return exposed.startsWith(legal(prefix, ''));
}

function legal(prefix: string, name: string): string {
  return `${prefix}__${name}`.replace(ILLEGAL, '_');
}

/** Clients may write the scheme of a URI, and what stands where hosts do, in another case than they got it. */
function isAfter(text: string, head: string): boolean {
  return text.slice(0, head.length).toLowerCase() === head.toLowerCase();
}
