import { parseArgs } from 'node:util';

import { DIRECT } from './gateways/direct.ts';
import { mcpGateway } from './gateways/mcp-gateway.ts';
import { NGINX } from './gateways/nginx.ts';
import { faultsOf } from './generator.ts';
import { median } from './median.ts';
import { nativeRefusal } from './native/build.ts';
import { type Outcome, runRounds } from './rounds.ts';
import { SCENARIOS } from './scenarios.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '5' },
    scenario: { type: 'string', multiple: true, default: [] },
    guarded: { type: 'boolean', default: true },
    list: { type: 'boolean', default: false },
  },
  allowNegative: true,
});

const refusal = nativeRefusal();
if (refusal !== undefined) throw new Error(refusal);

const adapters = [DIRECT, NGINX, mcpGateway({ isGuarded: values.guarded })];
const chosen = SCENARIOS.filter(({ name }) => values.scenario.length === 0 || values.scenario.includes(name));

for (const scenario of values.list ? [] : chosen) {
  const extent = { seconds: Number(values.seconds), warmUp: 1, rounds: Number(values.rounds) };
  const outcomes = await runRounds(scenario, adapters, extent);
  console.log(`\n${scenario.title}`);
  const direct = outcomes.find(({ gateway }) => gateway === 'direct');
  for (const outcome of outcomes) show(outcome, direct);
}
if (values.list) for (const { name, title } of SCENARIOS) console.log(`${name.padEnd(20)} ${title}`);

function show({ gateway, skipped, rounds, usage }: Outcome, direct: Outcome | undefined): void {
  if (skipped !== undefined) return console.log(`  ${gateway}: ${skipped}`);
  const middle = (key: 'perSecond' | 'p50Us' | 'p99Us' | 'cpuUsPerReply') => median(rounds.map((round) => round[key]));
  const ratio = median(rounds.map(({ perSecond }, at) => perSecond / (direct?.rounds[at]?.perSecond ?? Number.NaN)));
  const faults = rounds.reduce((sum, round) => sum + faultsOf(round), 0);
  console.log(
    `  ${gateway.padEnd(12)} ${middle('perSecond').toFixed(0).padStart(9)}/s  ×direct ${ratio.toFixed(3)}  p50 ${middle('p50Us').toFixed(0)} µs  p99 ${middle('p99Us').toFixed(0)} µs  CPU ${middle('cpuUsPerReply').toFixed(2)} µs  RSS ${((usage?.rssKib ?? 0) / 1024).toFixed(0)} MiB  faults ${faults}`,
  );
  if (faults > 0) {
    process.exitCode = 1;
    console.log(
      rounds
        .flatMap((round) => round.faults)
        .slice(0, 3)
        .join('\n'),
    );
  }
}
