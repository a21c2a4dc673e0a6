import { nativeProgram } from './native/build.ts';
import { CORES } from './cores.ts';
import { Program } from './program.ts';
import type { Leg, Load } from './scenarios/scenario.ts';

/** What the load generator saw. Times are in microseconds. */
export interface LoadReport {
  /** Right replies a second, after the warm-up. */
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p90Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
  /** All right replies, those of the warm-up too. */
  readonly answered: number;
  readonly wrong: number;
  readonly missing: number;
  readonly duplicate: number;
  /** Connections that could not be opened, or ended. */
  readonly broken: number;
  /** Right replies that took a second or more. */
  readonly late: number;
  /** Calls of a fixed rate that could not be made in time. */
  readonly unsent: number;
  readonly ownCpuSeconds: number;
  /** The first faults. */
  readonly faults: readonly string[];
}

/** Where the generator calls, and as whom. */
export interface Callee {
  readonly url: string;
  readonly leg: Leg;
  /** Header lines that every client shows. */
  readonly headers?: readonly string[] | undefined;
}

/** How long it calls, in seconds. */
export interface Duration {
  readonly seconds: number;
  readonly warmUp: number;
  /** How long it waits for replies in the end; 5 seconds, if nothing is said. */
  readonly patience?: number;
}

/** Starts the load generator. With `hold` it tells when all connections are open, and waits to be told to call. */
export function startGenerator(
  { url, leg, headers = [] }: Callee,
  load: Load,
  duration: Duration,
  hold = false,
): Program {
  const options = {
    url,
    era: leg.era,
    connections: load.connections,
    depth: load.depth,
    rate: load.rate ?? 0,
    shape: load.shape,
    ...(load.shape === 'list' ? { tools: load.size } : { bytes: load.size }),
    seconds: duration.seconds,
    'warm-up': duration.warmUp,
    patience: duration.patience ?? 5,
    hold: hold ? 1 : 0,
  };
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const shown = headers.flatMap((header) => ['--header', header]);
  return new Program([nativeProgram('load'), ...words, ...shown], { core: CORES.measuring });
}

/** One run of the load generator. */
export async function generate(callee: Callee, load: Load, duration: Duration): Promise<LoadReport> {
  await using generator = startGenerator(callee, load, duration);
  return await generator.nextReport<LoadReport>();
}

/** How many replies were not as they have to be. */
export function faultsOf({ wrong, missing, duplicate, broken }: LoadReport): number {
  return wrong + missing + duplicate + broken;
}
