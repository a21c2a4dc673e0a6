import type { ProblemReport } from './events.js';
import { topic } from './worker-bus.js';

/** How an attempt to apply a configuration ended. `needRestart` names the sections whose change has to wait. */
export type ApplyOutcome =
  | {
      readonly kind: 'applied';
      readonly generation: number;
      readonly changed: readonly string[];
      readonly needRestart: readonly string[];
    }
  | { readonly kind: 'unchanged'; readonly generation: number; readonly needRestart: readonly string[] }
  | { readonly kind: 'rejected'; readonly generation: number; readonly problems: readonly ProblemReport[] };

/** What a worker found when it read the configuration, before anything is applied. */
export type ReloadPrepared =
  /** `digest` is the same for the same configuration, whoever read it; `isNew` tells whether it is another than that in force. */
  | { readonly kind: 'good'; readonly digest: string; readonly isNew: boolean }
  | { readonly kind: 'bad'; readonly problems: readonly ProblemReport[] };

/** Asks the primary to have all workers read the configuration again, and apply it if it is good for all of them. */
export const RELOAD_WANTED = topic<{ readonly seen: boolean }, ApplyOutcome>('reload.wanted');

/** Asks a worker to read it and to keep what it says in hand. */
export const RELOAD_PREPARED = topic<undefined, ReloadPrepared>('reload.prepared');

/** Asks it to apply what it has in hand, under this number. The text is what its source said. */
export const RELOAD_COMMITTED = topic<
  { readonly generation: number },
  { readonly outcome: ApplyOutcome; readonly text: string | undefined }
>('reload.committed');

/** Tells it to let go of what it has in hand, and why. */
export const RELOAD_ABANDONED = topic<{ readonly problems: readonly ProblemReport[] }>('reload.abandoned');

/** What a worker that comes later has to know to run the same configuration as those that are there. */
export interface ConfigInForce {
  readonly generation: number;
  /** What the source said at the start: sections that need a restart stay as they are there. */
  readonly first: string;
  /** What it said when it was applied last. */
  readonly last: string;
}
