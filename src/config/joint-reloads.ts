import type { ProblemReport } from '../core/events.js';
import {
  type ApplyOutcome,
  RELOAD_ABANDONED,
  RELOAD_COMMITTED,
  RELOAD_PREPARED,
  RELOAD_WANTED,
  type ReloadPrepared,
} from '../core/reload.js';
import { BusError, PRIMARY_ID, type WorkerBus } from '../core/worker-bus.js';
import { digestOf, type Prepared } from './prepared.js';

/** How long a reload of all workers may take. Milliseconds. */
const WITHIN_MS = 120_000;

/** Whose configuration is reloaded. */
export interface Reloading {
  readonly generation: number;
  readonly text: string | undefined;
  prepare(): Promise<Prepared>;
  commit(prepared: Prepared & { kind: 'good' }, generation: number): ApplyOutcome;
  reject(problems: readonly ProblemReport[]): ApplyOutcome;
}

/** The part of one worker in the reloads that all workers do together: the primary says when to read and when to apply. */
export class JointReloads {
  /** What was read and may be applied next. */
  private inHand: (Prepared & { kind: 'good' }) | undefined;

  constructor(
    private readonly bus: WorkerBus,
    private readonly config: Reloading,
  ) {
    bus.on(RELOAD_PREPARED, () => this.prepare());
    bus.on(RELOAD_COMMITTED, ({ generation }) => this.commit(generation));
    bus.on(RELOAD_ABANDONED, ({ problems }) => {
      this.inHand = undefined;
      config.reject(problems);
    });
  }

  /** @param seen whether the source was seen to change, as all workers see it; else somebody asks */
  async reload(seen: boolean): Promise<ApplyOutcome> {
    try {
      return await this.bus.ask(RELOAD_WANTED, { seen }, PRIMARY_ID, WITHIN_MS);
    } catch (thrown) {
      if (!(thrown instanceof BusError)) throw thrown;
      const message = `the workers could not be asked to reload: ${thrown.message}`;
      return this.config.reject([{ file: '', line: undefined, column: undefined, key: '', message }]);
    }
  }

  private async prepare(): Promise<ReloadPrepared> {
    this.inHand = undefined;
    const prepared = await this.config.prepare();
    if (prepared.kind === 'bad') return prepared;
    this.inHand = prepared;
    return { kind: 'good', digest: digestOf(prepared), isNew: prepared.isNew };
  }

  private commit(generation: number): { outcome: ApplyOutcome; text: string | undefined } {
    const { inHand } = this;
    this.inHand = undefined;
    if (!inHand) throw new TypeError('there is no configuration in hand');
    // What is new to one is new to all: they go by the same numbers.
    const isNew = generation !== this.config.generation;
    return { outcome: this.config.commit({ ...inHand, isNew }, generation), text: this.config.text };
  }
}
