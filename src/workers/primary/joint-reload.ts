import type { ProblemReport } from '../../core/events.js';
import {
  type ApplyOutcome,
  type ConfigInForce,
  RELOAD_ABANDONED,
  RELOAD_COMMITTED,
  RELOAD_PREPARED,
  RELOAD_WANTED,
  type ReloadPrepared,
} from '../../core/reload.js';
import type { BusError, Topic, WorkerBus, WorkerRef } from '../../core/worker-bus.js';

/** How long a worker may take to read and check a configuration, or to apply it. Milliseconds. */
const WITHIN_MS = 30_000;
/** How often all read again, where somebody wrote the file while they did. */
const READINGS = 3;

/** What a joint reload needs of the primary. */
export interface ReloadHost {
  readonly bus: WorkerBus;
  /** Who serves. */
  serving(): readonly WorkerRef[];
  /** Ends a worker that did not follow; whoever takes its place begins with the configuration in force. */
  replace(worker: WorkerRef): void;
}

interface Told<Answer> {
  readonly worker: WorkerRef;
  readonly answer?: Answer;
  readonly error?: BusError;
}

/**
 * Applies a configuration in all workers or in none: all read it, and only when all have found the same and nothing
 * wrong with it do they take it into use. One reload at a time.
 */
export class JointReload {
  private force: ConfigInForce | undefined;
  private busy: Promise<unknown> = Promise.resolve();
  /** A reload that has not begun yet: whoever asks meanwhile gets the same. */
  private waiting: Promise<ApplyOutcome> | undefined;

  constructor(private readonly host: ReloadHost) {
    host.bus.on(RELOAD_WANTED, ({ seen }, from) => this.wanted(seen, from));
  }

  /** What a worker that comes now has to know. Undefined before the first has come. */
  get inForce(): ConfigInForce | undefined {
    return this.force;
  }

  get generation(): number {
    return this.force?.generation ?? 1;
  }

  /** What the configuration of the start said. */
  begin(text: string | undefined): void {
    if (text !== undefined) this.force ??= { generation: 1, first: text, last: text };
  }

  /** Never rejects. */
  reload(): Promise<ApplyOutcome> {
    if (this.waiting) return this.waiting;
    const begun = this.busy.then(() => {
      this.waiting = undefined;
      return this.attempt();
    });
    this.waiting = begun;
    this.busy = begun;
    return begun;
  }

  private async wanted(seen: boolean, from: WorkerRef): Promise<ApplyOutcome> {
    // All of them see the file change. One is enough.
    const isRedundant = seen && this.host.serving()[0]?.id !== from.id;
    return isRedundant ? { kind: 'unchanged', generation: this.generation, needRestart: [] } : this.reload();
  }

  private async attempt(): Promise<ApplyOutcome> {
    // Whoever comes now reads it anyway, or begins with what all others have read.
    if (this.host.serving().length === 0) return { kind: 'unchanged', generation: this.generation, needRestart: [] };
    for (let reading = 0; reading < READINGS; reading++) {
      const told = (await this.askReady(RELOAD_PREPARED, undefined)).filter(({ error }) => error?.reason !== 'gone');
      const problems = told.flatMap(problemsOf);
      if (problems.length > 0) return this.abandon(unique(problems));
      const found = told.map(({ answer }) => answer as ReloadPrepared & { kind: 'good' });
      if (new Set(found.map(({ digest }) => digest)).size <= 1) return this.commit(found.some(({ isNew }) => isNew));
    }
    return this.abandon([problem('the configuration was written while it was read; try again')]);
  }

  private async commit(isNew: boolean): Promise<ApplyOutcome> {
    const generation = this.generation + (isNew ? 1 : 0);
    const told = await this.askReady(RELOAD_COMMITTED, { generation });
    const done = told.find(({ answer }) => answer)?.answer;
    if (this.force && done?.text !== undefined) this.force = { ...this.force, generation, last: done.text };
    for (const { worker, error } of told) if (error && error.reason !== 'gone') this.host.replace(worker);
    return done?.outcome ?? this.abandon([problem('no worker was there to apply it')]);
  }

  private abandon(problems: readonly ProblemReport[]): ApplyOutcome {
    this.host.bus.tell(RELOAD_ABANDONED, { problems });
    return { kind: 'rejected', generation: this.generation, problems };
  }

  private askReady<Message, Answer>(about: Topic<Message, Answer>, message: Message): Promise<Told<Answer>[]> {
    const asked = this.host.serving().map((worker) =>
      this.host.bus.ask(about, message, worker.id, WITHIN_MS).then(
        (answer): Told<Answer> => ({ worker, answer }),
        (error: BusError): Told<Answer> => ({ worker, error }),
      ),
    );
    return Promise.all(asked);
  }
}

function problemsOf({ worker, answer, error }: Told<ReloadPrepared>): readonly ProblemReport[] {
  if (error) return [problem(`worker ${worker.slot} did not read it: ${error.message}`)];
  return answer?.kind === 'bad' ? answer.problems : [];
}

function problem(message: string): ProblemReport {
  return { file: '', line: undefined, column: undefined, key: '', message };
}

/** What all workers have against it is said once. */
function unique(problems: readonly ProblemReport[]): readonly ProblemReport[] {
  return [...new Map(problems.map((each) => [JSON.stringify(each), each])).values()];
}
