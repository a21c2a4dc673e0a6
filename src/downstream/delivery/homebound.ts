import type { Incoming } from '../../protocol/index.js';
import type { Route } from '../../routing/index.js';
import type { SealedSession } from '../../session/index.js';

/** What concerns more than one request of a session: what is told of, or asked for, later. */
const LASTING: ReadonlySet<string> = new Set([
  'resources/subscribe',
  'resources/unsubscribe',
  'logging/setLevel',
  // Whoever has asked for a list is told when it changes.
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
]);

/** Whether what was posted for a session has to be served where that is at home, and nowhere else. */
export function isHomebound(incoming: Incoming, session: SealedSession, route: Route): boolean {
  if (incoming.kind === 'batch') return incoming.messages.some((message) => isHomebound(message, session, route));
  if (incoming.kind !== 'request') return false;
  const { method, params } = incoming;
  if (session.isBound || LASTING.has(method)) return true;
  // Which tasks are whose is known where they were made.
  if (method.startsWith('tasks/') || params?.spans.task !== undefined) return true;
  return route.keepsFor(session);
}

/** Whether a message has the servers tell a session more from now on than they tell others. */
export function binds(incoming: Incoming): boolean {
  if (incoming.kind === 'batch') return incoming.messages.some(binds);
  return incoming.kind === 'request' && incoming.method === 'logging/setLevel';
}
