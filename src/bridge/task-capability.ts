import { isObject, type JsonObject, type JsonValue } from '../core/json.js';
import type { ServerPeer } from '../core/peer.js';
import { revisionOf, TASKS_EXTENSION } from '../protocol/index.js';
import { extensionOf } from './extensions.js';

/** What a server that has tasks can be asked for, beside what every such server can be. */
export const TASK_CAPABILITIES = ['tasks', 'tasks.list', 'tasks.cancel'] as const;
export type TaskCapability = (typeof TASK_CAPABILITIES)[number];

const MEMBERS = { tasks: undefined, 'tasks.list': 'list', 'tasks.cancel': 'cancel' } as const;

/**
 * Whether a server has tasks, and those of their members that are asked for. A modern one has them by an extension,
 * which knows no list of them.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/tasks#capabilities
 */
export function offersTasks(peer: ServerPeer, capability: TaskCapability): boolean {
  if (peer.era === 'modern') return capability !== 'tasks.list' && extensionOf(peer, TASKS_EXTENSION) !== undefined;
  const { capabilities, revision } = peer;
  const { tasks } = capabilities;
  if (!isObject(tasks) || !revisionOf(revision)?.serverCapabilities.has('tasks')) return false;
  const member = MEMBERS[capability];
  return member === undefined || isObject(tasks[member]);
}

/**
 * The capability `tasks` of several servers as one; undefined when none of them has it. What modern servers have
 * instead is an extension.
 *
 * @param all undefined for a server that was never reached, and may turn out to have anything
 */
export function tasksOf(all: readonly (ServerPeer | undefined)[]): JsonObject | undefined {
  const peers = all.filter((peer) => peer?.era !== 'modern');
  const any = (does: (peer: ServerPeer) => boolean): boolean => peers.some((peer) => !peer || does(peer));
  if (!any((peer) => offersTasks(peer, 'tasks'))) return undefined;
  return {
    ...(any((peer) => offersTasks(peer, 'tasks.list')) && { list: {} }),
    ...(any((peer) => offersTasks(peer, 'tasks.cancel')) && { cancel: {} }),
    ...(any((peer) => offersTasks(peer, 'tasks') && runsTools(peer)) && { requests: { tools: { call: {} } } }),
  };
}

/** Whether a call of a tool can become a task. */
function runsTools({ capabilities }: ServerPeer): boolean {
  let at: JsonValue | undefined = capabilities;
  for (const step of ['tasks', 'requests', 'tools', 'call']) at = isObject(at) ? at[step] : undefined;
  return isObject(at);
}
