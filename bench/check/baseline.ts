import { availableParallelism } from 'node:os';

/** How the gateway compares with no gateway, in one scenario. */
export interface Ratios {
  /** Its throughput, of that of the direct way. */
  readonly throughput: number;
  /** Processor time of the gateway for a reply, of that of generator and server together on the direct way. */
  readonly cost: number;
}

/** What the repository remembers. */
export interface Baseline {
  /** Processors of the machine that it was measured on. */
  readonly processors: number;
  readonly scenarios: Readonly<Record<string, Ratios>>;
}

/** What may have happened to one ratio. */
export interface Comparison {
  readonly what: string;
  readonly was: number;
  readonly is: number;
  /** By which share it is worse: 0.3 is 30 %. Negative where it is better. */
  readonly worseBy: number;
}

/** What was measured now. */
export interface Measured extends Ratios {
  /** How much of a processor the busier of generator and server got on the direct way: 1, unless others wanted it too. */
  readonly occupied: number;
}

/** Below it somebody else was at work. */
const ALONE = 0.8;

/**
 * Compares with the baseline. Throughput depends on how many processors the three processes share, and with whom: it
 * counts only on a machine with as many, and only if nobody else was at work. Processor time always counts.
 */
export function compare(was: Ratios, is: Measured, { processors }: Baseline): Comparison[] {
  const cost = { what: 'CPU a reply', was: was.cost, is: is.cost, worseBy: is.cost / was.cost - 1 };
  const isComparable = processors === availableParallelism() && is.occupied >= ALONE;
  if (!isComparable) return [cost];
  const worseBy = was.throughput / is.throughput - 1;
  return [{ what: 'throughput', was: was.throughput, is: is.throughput, worseBy }, cost];
}
