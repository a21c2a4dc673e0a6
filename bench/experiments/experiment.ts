import type { GatewaySettings } from '../gateways/gateway-config.ts';
import type { Extent } from './rounds.ts';

/** What holds for all experiments of a run. */
export interface Setting extends GatewaySettings {
  readonly extent: Extent;
}

/** How something that the gateway has to be came out. */
export interface Verdict {
  readonly what: string;
  /** The number, with its spread; or why there is none. */
  readonly measured: string;
  readonly must: string;
  readonly isMet: boolean | undefined;
  readonly goal: string;
  readonly isReached: boolean | undefined;
}

/** What came out of an experiment. */
export interface Findings {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly verdicts: readonly Verdict[];
  /** What was left out, and why. */
  readonly skipped: readonly string[];
  /** Replies that were not as they have to be, with the first of them. */
  readonly faulty: number;
  readonly faults: readonly string[];
}

/** One thing that is found out. */
export interface Experiment {
  /** How it is asked for on the command line. */
  readonly name: string;
  readonly title: string;
  run(setting: Setting): Promise<Findings>;
}

/** The findings of an experiment that cannot be made here. */
export function notMade(reason: string): Findings {
  return { headings: [], rows: [], verdicts: [], skipped: [reason], faulty: 0, faults: [] };
}
