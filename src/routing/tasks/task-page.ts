import type { McpReply } from '../../core/message.js';
import { elements, stringAt, valuesOf } from '../../core/walk.js';
import type { TaskOwner } from './task-ids.js';
import type { TaskRelay } from './task-relay.js';
import { TaskSplices } from './task-splices.js';

/** One page of what a server lists. */
export interface TaskPage {
  /** The tasks of whoever asks, under the ids that it knows. */
  readonly tasks: readonly Buffer[];
  /** The server's own cursor for the next page; an empty one leads on as well. */
  readonly next: string | undefined;
}

/** What a server lists, as far as it is the owner's. A task that was made for somebody else is left out. */
export function readTaskPage({ json: { bytes } }: McpReply, owner: TaskOwner, { ids, ledger }: TaskRelay): TaskPage {
  const tasks: Buffer[] = [];
  for (const [list] of valuesOf(bytes, 'tasks')) {
    for (const [start, end] of elements(bytes, list)) {
      const task = bytes.subarray(start, end);
      const named = valuesOf(task, 'taskId').map((at) => stringAt(task, at));
      if (named.length === 0 || !named.every((id) => id !== undefined && ledger.has(id, owner))) continue;
      tasks.push(new TaskSplices(task, (id) => ids.seal(id, owner)).task().applied());
    }
  }
  const [next] = valuesOf(bytes, 'nextCursor').map((at) => stringAt(bytes, at));
  return { tasks, next };
}
