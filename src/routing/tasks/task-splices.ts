import { splice, type Span, type Splice } from '../../core/json.js';
import { stringAt, valuesOf } from '../../core/walk.js';

/** The key of `_meta` under which a message says to which task it belongs. */
export const RELATED_TASK = 'io.modelcontextprotocol/related-task';

/** Gathers the ids of tasks in one JSON value that are others on the other leg, and puts them in their place. */
export class TaskSplices {
  private readonly splices: Splice[] = [];

  /** @param renamed what an id is on the other leg; undefined where it is to stay as it is */
  constructor(
    readonly bytes: Buffer,
    private readonly renamed: (id: string) => string | undefined,
  ) {}

  /** The task that the object at `at` is. */
  task(at = 0): this {
    for (const id of valuesOf(this.bytes, 'taskId', at)) this.id(id);
    return this;
  }

  /** The task that was made, in a result that says so. */
  created(): this {
    for (const [task] of valuesOf(this.bytes, 'task')) this.task(task);
    return this;
  }

  /** The task to which the message belongs, whose result or params stand here. */
  related(): this {
    for (const [meta] of valuesOf(this.bytes, '_meta')) {
      for (const [related] of valuesOf(this.bytes, RELATED_TASK, meta)) this.task(related);
    }
    return this;
  }

  /** The bytes for the other leg; the same ones when nothing in them differs. */
  applied(): Buffer {
    return this.splices.length === 0 ? this.bytes : splice(this.bytes, this.splices);
  }

  private id(at: Span): void {
    const id = stringAt(this.bytes, at);
    const renamed = id === undefined ? undefined : this.renamed(id);
    if (renamed !== undefined) this.splices.push({ at, bytes: Buffer.from(JSON.stringify(renamed)) });
  }
}

/** Whether the id of a task may stand in these bytes: all others are not even walked. */
export function mayHoldTask(bytes: Buffer): boolean {
  return bytes.includes('taskId');
}
