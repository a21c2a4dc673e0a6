import { ANONYMOUS, principalKey } from '../../core/principal.js';
import type { TaskOwner } from './task-ids.js';

/** Tasks that are remembered, at most; the newest ones. */
const REMEMBERED = 10_000;

interface Entry {
  /** Who may see it in a list. */
  readonly asker: string;
  readonly group: string;
  readonly server: string;
}

/**
 * Which tasks were made for whom, as far as it went through this process. A server cannot tell the clients of the
 * gateway apart, so of what it lists each principal is shown only what stands here; and where nobody says who is
 * asking, each stay, because a list would tell one client of the ids by which another's tasks can be read and ended.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/tasks#task-isolation-and-access-control
 */
export class TaskLedger {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly capacity = REMEMBERED) {}

  note(id: string, owner: TaskOwner): void {
    const entry = entryOf(owner);
    const key = keyOf(id, entry);
    this.entries.delete(key);
    this.entries.set(key, entry);
    if (this.entries.size <= this.capacity) return;
    const [oldest] = this.entries.keys();
    if (oldest !== undefined) this.entries.delete(oldest);
  }

  has(id: string, owner: TaskOwner): boolean {
    return this.entries.has(keyOf(id, entryOf(owner)));
  }

  /** Ids of the servers of a group that have tasks of whoever asks, in order. */
  serversOf(group: string, who: Pick<TaskOwner, 'principal' | 'stay'>): string[] {
    const asker = askerOf(who);
    const servers = new Set<string>();
    for (const entry of this.entries.values()) {
      if (entry.group === group && entry.asker === asker) servers.add(entry.server);
    }
    return [...servers].toSorted();
  }
}

function entryOf({ group, server, principal, stay }: TaskOwner): Entry {
  return { asker: askerOf({ principal, stay }), group, server };
}

function askerOf({ principal, stay }: Pick<TaskOwner, 'principal' | 'stay'>): string {
  const key = principalKey(principal);
  return principal.method === ANONYMOUS.method ? `${key} ${stay}` : key;
}

function keyOf(id: string, { asker, group, server }: Entry): string {
  return JSON.stringify([asker, group, server, id]);
}
