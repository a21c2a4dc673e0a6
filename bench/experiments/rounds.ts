import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { GatewayAdapter, Place, RunningGateway } from '../gateways/gateway.ts';
import { type Duration, generate } from '../generator.ts';
import { type Usage, usageOf } from '../process-tree.ts';
import { OURS, type Round } from '../scenarios/goal.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { Upstream } from '../upstream.ts';

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

/** The server does not count as part of a gateway that started it. */
export const ECHO = 'echo';

interface Entry {
  readonly adapter: GatewayAdapter;
  readonly running?: RunningGateway;
  readonly skipped?: string;
  readonly rounds: Round[];
}

/** Runs a scenario in rounds, all gateways in turn in each of them, so that a slow minute of the machine hits all. */
export async function runRounds(
  scenario: Scenario,
  adapters: readonly GatewayAdapter[],
  extent: Extent,
): Promise<Outcome[]> {
  await using stack = new AsyncDisposableStack();
  const place = await openPlace(scenario, stack);
  const entries: Entry[] = [];
  for (const adapter of adapters) entries.push(await enter(adapter, scenario, place, stack));

  // The first round is for those who compile while they run, and does not count.
  for (let round = -1; round < extent.rounds; round++) {
    for (const { running, rounds } of entries) {
      const done = running && (await oneRound(scenario, running, extent));
      if (done && round >= 0) rounds.push(done);
    }
  }
  return entries.map(({ adapter, skipped, rounds, running }) => ({
    gateway: adapter.name,
    ...(skipped === undefined ? {} : { skipped }),
    rounds,
    usage: running?.pid === undefined ? undefined : usageOf(running.pid, ECHO),
  }));
}

/** The servers of a scenario, and a directory; both go with the stack. */
export async function openPlace({ catalog }: Pick<Scenario, 'catalog'>, stack: AsyncDisposableStack): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  stack.defer(() => rmSync(directory, { recursive: true, force: true }));
  const whole = stack.use(await Upstream.start(catalog && { count: catalog.servers * catalog.tools, name: 'echo' }));
  if (!catalog) return { directory, whole, upstreams: [whole] };

  const upstreams: Upstream[] = [];
  for (let at = 0; at < catalog.servers; at++) {
    upstreams.push(stack.use(await Upstream.start({ count: catalog.tools, name: `echo_s${at}` })));
  }
  return { directory, whole, upstreams };
}

/** A peer that does not start is left out, with its reason; ours is the reason for all of this. */
async function enter(
  adapter: GatewayAdapter,
  scenario: Scenario,
  place: Place,
  stack: AsyncDisposableStack,
): Promise<Entry> {
  const skipped = adapter.refusal(scenario);
  if (skipped !== undefined) return { adapter, skipped, rounds: [] };

  const directory = join(place.directory, adapter.name.replaceAll(' ', '-'));
  mkdirSync(directory);
  try {
    const running = await adapter.start(scenario, { ...place, directory });
    stack.use(running);
    return { adapter, running, rounds: [] };
  } catch (error) {
    if (adapter.name === OURS) throw error;
    return { adapter, skipped: `it did not start: ${(error as Error).message}`, rounds: [] };
  }
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
