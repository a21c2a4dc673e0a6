import { fileURLToPath } from 'node:url';

import { OwnProcess } from '../test/support/own-process.ts';
import { median } from './median.ts';
import type { LoadPlan, LoadReport } from './plan.ts';
import { type Usage, usageOf } from './process-tree.ts';
import { PAYLOAD_BYTES, type Scenario } from './scenarios.ts';

const LOAD = fileURLToPath(new URL('load.ts', import.meta.url));
const WARM_UP_SECONDS = 1;

/** The addresses of one scenario. Without a gateway only the direct way is measured. */
export interface Targets {
  readonly directUrl: string;
  readonly gateway: { readonly url: string; readonly pid: number } | undefined;
  /** The API key that clients show. */
  readonly key?: string | undefined;
}

/** How much of each scenario is run. */
export interface Extent {
  readonly seconds: number;
  readonly rounds: number;
}

/** The medians over the rounds of one scenario, one way. */
export interface Figures {
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** What came out of one scenario. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly direct: Figures;
  readonly gateway: (Figures & { readonly cpuUsPerCall: number; readonly usage: Usage }) | undefined;
  readonly faulty: number;
  readonly faults: readonly string[];
}

/** Runs a scenario in rounds: direct, through the gateway, direct, … so that a slow minute hits both. */
export async function measure(scenario: Scenario, targets: Targets, { seconds, rounds }: Extent): Promise<Outcome> {
  const { directUrl, gateway, key } = targets;
  const direct: LoadReport[] = [];
  const through: (LoadReport & { cpuUs: number })[] = [];

  await load(scenario, { url: directUrl, seconds: WARM_UP_SECONDS, key });
  if (gateway) await load(scenario, { url: gateway.url, seconds: WARM_UP_SECONDS, key });

  for (let round = 0; round < rounds; round++) {
    direct.push(await load(scenario, { url: directUrl, seconds, key }));
    if (!gateway) continue;
    const before = usageOf(gateway.pid).cpuUs;
    const report = await load(scenario, { url: gateway.url, seconds, key });
    through.push({ ...report, cpuUs: usageOf(gateway.pid).cpuUs - before });
  }

  const reports = [...direct, ...through];
  return {
    scenario,
    direct: figuresOf(direct),
    gateway: gateway && {
      ...figuresOf(through),
      cpuUsPerCall: median(through.map(({ cpuUs, answered }) => cpuUs / answered)),
      usage: usageOf(gateway.pid),
    },
    faulty: reports.reduce((total, { faulty }) => total + faulty, 0),
    faults: reports.flatMap(({ faults }) => faults),
  };
}

async function load(
  { connections, depth }: Scenario,
  how: Pick<LoadPlan, 'url' | 'seconds' | 'key'>,
): Promise<LoadReport> {
  const plan: LoadPlan = { ...how, connections, depth, payloadBytes: PAYLOAD_BYTES };

  await using generator = new OwnProcess(LOAD, [JSON.stringify(plan)]);
  return JSON.parse(await generator.firstLine) as LoadReport;
}

function figuresOf(reports: readonly LoadReport[]): Figures {
  return {
    perSecond: median(reports.map(({ perSecond }) => perSecond)),
    p50Us: median(reports.map(({ p50Us }) => p50Us)),
    p99Us: median(reports.map(({ p99Us }) => p99Us)),
  };
}
