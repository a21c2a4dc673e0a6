import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Place } from '../gateways/gateway.ts';
import { mcpGateway } from '../gateways/mcp-gateway.ts';
import { faultsOf, generate, type LoadReport } from '../generator.ts';
import { median } from '../median.ts';
import { childrenOf } from '../process-tree.ts';
import { alike, HTTP, type Leg, type Scenario, WS } from '../scenarios/scenario.ts';
import { CpuQuota, quotaRefusal } from './cpu-quota.ts';
import { type Experiment, type Findings, notMade, type Setting } from './experiment.ts';
import { judge, spread } from './judge.ts';
import { openPlace } from './rounds.ts';

const WORKERS = 4;
const SHARE = 0.2;

function quotaExperiment(leg: Leg): Experiment {
  const scenario = alike(leg, {
    name: `${leg.transport}-quota`,
    title: `${leg === WS ? 'WebSocket' : 'Streamable HTTP'}, four workers with ${SHARE} of a core each against one, echo of 100 B, 64 × 1`,
    load: { connections: 64, depth: 1, shape: 'echo', size: 100 },
    against: [],
    goals: [],
  });
  return { name: scenario.name, title: scenario.title, run: (setting) => run(scenario, setting) };
}

/** How throughput grows with workers, on a machine that has not the cores for it. */
export const QUOTA: readonly Experiment[] = [quotaExperiment(WS), quotaExperiment(HTTP)];

async function run(scenario: Scenario, setting: Setting): Promise<Findings> {
  const refusal = quotaRefusal() ?? mcpGateway(setting).refusal({ ...scenario, workers: WORKERS });
  if (refusal !== undefined) return notMade(refusal);

  await using stack = new AsyncDisposableStack();
  const place = await openPlace(scenario, stack);
  const rounds: { one: LoadReport; four: LoadReport }[] = [];
  for (let round = 0; round < setting.extent.rounds; round++) {
    const one = await underQuota(scenario, setting, place, 1);
    rounds.push({ one, four: await underQuota(scenario, setting, place, WORKERS) });
  }

  const reports = rounds.flatMap(({ one, four }) => [one, four]);
  const perSecond = (of: 'one' | 'four') =>
    Math.round(median(rounds.map((round) => round[of].perSecond))).toLocaleString('en');
  const ratios = rounds.map(({ one, four }) => four.perSecond / one.perSecond);
  return {
    headings: ['workers', 'replies/s', '× one'],
    rows: [
      ['1', perSecond('one'), ''],
      [String(WORKERS), perSecond('four'), spread(ratios, '×')],
    ],
    verdicts: [
      judge({ what: 'throughput of four workers against one', unit: '×', isFloor: true, must: 3.5, goal: 3.9 }, ratios),
    ],
    skipped: [],
    faulty: reports.reduce((sum, report) => sum + faultsOf(report), 0),
    faults: reports.flatMap(({ faults }) => faults),
  };
}

/** Every worker has a quota of its own; who only starts and watches them has none. */
async function underQuota(scenario: Scenario, setting: Setting, place: Place, workers: number): Promise<LoadReport> {
  const directory = join(place.directory, `${workers}-${Date.now()}`);
  mkdirSync(directory);
  using quotas = new DisposableStack();
  await using gateway = await mcpGateway(setting, { name: 'quota', workers }).start(scenario, { ...place, directory });

  const { pid = 0, url, headers } = gateway;
  const children = childrenOf(pid);
  const limited = workers === 1 && children.length === 0 ? [pid] : children;
  if (limited.length !== workers) throw new Error(`${limited.length} processes for ${workers} workers`);
  limited.forEach((worker, at) => quotas.use(new CpuQuota(`bench-${at}`, SHARE, [worker])));
  return await generate({ url, leg: scenario.downstream, headers }, scenario.load, setting.extent);
}
