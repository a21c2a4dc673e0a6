import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { GatewayAdapter, RunningGateway } from './gateways/gateway.ts';
import { type Duration, generate, type LoadReport } from './generator.ts';
import { type Usage, usageOf } from './process-tree.ts';
import type { Scenario } from './scenario.ts';
import { Upstream } from './upstream.ts';

/** One round of one gateway. */
export interface Round extends LoadReport {
  /** Processor time of its process tree for each reply, in microseconds. */
  readonly cpuUsPerReply: number;
}

/** All rounds of one gateway in a scenario, or why there are none. */
export interface Outcome {
  readonly gateway: string;
  readonly skipped?: string;
  readonly rounds: readonly Round[];
  /** Of its process tree after the last round. */
  readonly usage?: Usage | undefined;
}

/** How much of each scenario is run. */
export interface Extent extends Duration {
  readonly rounds: number;
}

/** The program that does not count as part of a gateway that started it. */
const ECHO = 'echo';

/** Runs a scenario in rounds, all gateways in turn in each of them, so that a slow minute of the machine hits all. */
export async function runRounds(
  scenario: Scenario,
  adapters: readonly GatewayAdapter[],
  extent: Extent,
): Promise<Outcome[]> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(directory, { recursive: true, force: true }));

  const upstream = stack.use(await Upstream.start());
  const entries: { adapter: GatewayAdapter; running?: RunningGateway; skipped?: string; rounds: Round[] }[] = [];
  for (const adapter of adapters) {
    const skipped = adapter.refusal(scenario);
    entries.push({ adapter, rounds: [], ...(skipped === undefined ? {} : { skipped }) });
  }
  for (const entry of entries.filter(({ skipped }) => skipped === undefined)) {
    const own = join(directory, entry.adapter.name);
    mkdirSync(own);
    entry.running = stack.use(await entry.adapter.start(scenario, { upstreams: [upstream], directory: own }));
  }

  for (let round = 0; round < extent.rounds; round++) {
    for (const { running, rounds } of entries) {
      if (running) rounds.push(await oneRound(scenario, running, extent));
    }
  }
  return entries.map(({ adapter, skipped, rounds, running }) => ({
    gateway: adapter.name,
    ...(skipped === undefined ? {} : { skipped }),
    rounds,
    usage: running?.pid === undefined ? undefined : usageOf(running.pid, ECHO),
  }));
}

async function oneRound(scenario: Scenario, running: RunningGateway, duration: Duration): Promise<Round> {
  const { url, pid, headers } = running;
  const cpu = () => (pid === undefined ? 0 : usageOf(pid, ECHO).cpuUs);

  const before = cpu();
  const report = await generate({ url, leg: scenario.downstream, headers }, scenario.load, duration);
  const cpuUsPerReply = (cpu() - before) / report.answered;
  running.tidy?.();
  return { ...report, cpuUsPerReply };
}
