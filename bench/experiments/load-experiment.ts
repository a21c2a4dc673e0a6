import { gateways } from '../gateways/index.ts';
import { faultsOf } from '../generator.ts';
import { median } from '../median.ts';
import { OURS, type Round } from '../scenarios/goal.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { Experiment, Findings, Setting } from './experiment.ts';
import { judge, spread } from './judge.ts';
import { type Outcome, runRounds } from './rounds.ts';

const HEADINGS = `through | replies/s | × direct | × nginx | p50 µs | p99 µs | p99.9 µs | p50 over direct, µs
  | CPU µs/reply | RSS MiB | private MiB | late | unsent`.split(/\s*\|\s*/);

/** Loads gateways as a scenario says. */
export function loadExperiment(scenario: Scenario): Experiment {
  const { name, title } = scenario;
  return { name, title, run: (setting) => run(scenario, setting) };
}

async function run(scenario: Scenario, setting: Setting): Promise<Findings> {
  const wanted = [...scenario.against, OURS];
  const adapters = gateways(setting).filter((adapter) => wanted.includes(adapter.name));
  const outcomes = await runRounds(scenario, adapters, setting.extent);

  const together = Array.from({ length: setting.extent.rounds }, (_, round) =>
    Object.fromEntries(outcomes.map(({ gateway, rounds }) => [gateway, rounds[round]])),
  );
  const all = outcomes.flatMap(({ rounds }) => rounds);
  return {
    headings: HEADINGS,
    rows: outcomes.filter(({ skipped }) => skipped === undefined).map((outcome) => rowOf(outcome, outcomes)),
    verdicts: scenario.goals.map((goal) => judge(goal, together.map(goal.of))),
    skipped: outcomes.flatMap(({ gateway, skipped }) => (skipped === undefined ? [] : [`${gateway}: ${skipped}`])),
    faulty: all.reduce((sum, round) => sum + faultsOf(round), 0),
    faults: outcomes.flatMap(({ gateway, rounds }) =>
      rounds.flatMap(({ faults }) => faults.map((fault) => `${gateway}: ${fault}`)),
    ),
  };
}

function rowOf({ gateway, rounds, usage }: Outcome, outcomes: readonly Outcome[]): string[] {
  const middle = (key: keyof Round) => median(rounds.map((round) => Number(round[key])));
  const sum = (key: keyof Round) => rounds.reduce((total, round) => total + Number(round[key]), 0);
  const over = (other: string, relate: (own: Round, its: Round) => number) => {
    const its = outcomes.find((outcome) => outcome.gateway === other)?.rounds ?? [];
    return rounds.flatMap((own, at) => (its[at] ? [relate(own, its[at])] : []));
  };
  const ratio = (other: string) => {
    const values = over(other, (own, its) => own.perSecond / its.perSecond);
    return values.length === 0 || gateway === other ? '' : spread(values, '×');
  };
  const mib = (kib: number | undefined) => (kib === undefined ? '' : (kib / 1_024).toFixed(0));
  const isDirect = usage === undefined;

  return [
    gateway,
    Math.round(middle('perSecond')).toLocaleString('en'),
    ratio('direct'),
    ratio('nginx'),
    ...(['p50Us', 'p99Us', 'p999Us'] as const).map((key) => Math.round(middle(key)).toLocaleString('en')),
    isDirect ? '' : median(over('direct', (own, its) => own.p50Us - its.p50Us)).toFixed(0),
    isDirect ? '' : middle('cpuUsPerReply').toFixed(2),
    mib(usage?.rssKib),
    mib(usage?.rssAnonKib),
    String(sum('late')),
    String(sum('unsent')),
  ];
}
