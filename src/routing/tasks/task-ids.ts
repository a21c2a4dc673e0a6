import type { Target } from '../../core/exchange.js';
import type { Era } from '../../core/peer.js';
import { principalKey, type Principal } from '../../core/principal.js';
import type { Sealer } from '../../core/sealed.js';

/** Longer than any id that was ever sealed here, but for that of a server that makes very long ones. */
const LONGEST_SEALED = 4_096;

/** One server, and who asked it to do something. */
export interface TaskOwner {
  readonly group: string;
  /** Id of the server that has the task: another replica does not know it. */
  readonly server: string;
  readonly principal: Principal;
  /** Id of the stay in which it was asked. */
  readonly stay: string;
  /** In whose words: tasks of one era are nothing to clients of the other. */
  readonly era: Era;
}

/**
 * The ids of tasks as clients get to know them: sealed, so that whoever asks for a task is led to the server that
 * has it, and bound to the principal that it was made for. The same task has the same id every time.
 *
 * Tasks of the legacy era and those of the extension are told apart.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/tasks#task-isolation-and-access-control
 */
export class TaskIds {
  constructor(private readonly sealer: Sealer) {}

  /** @param id as the server calls the task */
  seal(id: string, { group, server, principal, era }: TaskOwner): string {
    const value = { group, server, id, ...(era === 'modern' && { era }) };
    return this.sealer.sealSame('task', principalKey(principal), value);
  }

  /** Whose task it is, and what it is called there; undefined for what was not sealed for this principal and era. */
  open(sealed: string, { principal, era }: Pick<TaskOwner, 'principal' | 'era'>): Target | undefined {
    if (sealed.length > LONGEST_SEALED) return undefined;
    const value = this.sealer.open('task', principalKey(principal), sealed);
    const { group, server, id, era: sealedIn = 'legacy' } = value ?? {};
    if (sealedIn !== era) return undefined;
    if (typeof group !== 'string' || typeof server !== 'string' || typeof id !== 'string') return undefined;
    return { group, name: id, server };
  }
}
