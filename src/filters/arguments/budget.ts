import { createContext, Script } from 'node:vm';

/** How often work is tried again that the machine, and not itself, kept from being done. */
const TRIES = 3;

/** Work that took too long, and was stopped in the middle. */
export class OverBudget extends Error {
  override readonly name = 'OverBudget';
}

/** Where the work is found by the script: only scripts can be stopped. */
const desk = createContext(Object.assign(Object.create(null) as { work?: () => unknown }, { work: undefined }));
const script = new Script('work()');

/**
 * Does something that strangers had a say in, and stops it when it takes too long, whatever it does: loops, deep
 * recursion, regular expressions. Costs some tenths of a millisecond by itself.
 *
 * @param ms of this thread's own time, as nearly as can be told
 * @throws OverBudget, and whatever the work throws
 */
export function withinBudget<T>(ms: number, work: () => T): T {
  desk.work = work;
  try {
    for (let tries = 1; ; tries++) {
      const before = process.threadCpuUsage();
      try {
        return script.runInContext(desk, { timeout: ms }) as T;
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw thrown;
        const { user, system } = process.threadCpuUsage(before);
        const wasBusy = (user + system) / 1_000 > ms / 2;
        if (wasBusy || tries >= TRIES) throw new OverBudget('it took too long', { cause: thrown });
      }
    }
  } finally {
    desk.work = undefined;
  }
}
