import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import type { Setting } from './experiments/experiment.ts';
import { EXPERIMENTS } from './experiments/index.ts';
import { nativeRefusal } from './native/build.ts';
import { preamble } from './report/preamble.ts';
import { type Finished, render, section } from './report/report.ts';

const RESULTS = fileURLToPath(new URL('RESULTS.md', import.meta.url));
const BIN = fileURLToPath(new URL('../bin/mcp-gateway', import.meta.url));
const QUICK = { seconds: 1, rounds: 1 };

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', multiple: true, default: [] },
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    guarded: { type: 'boolean', default: true },
    bin: { type: 'string', default: BIN },
    out: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
  allowNegative: true,
});

const unknown = values.scenario.filter((name) => !EXPERIMENTS.some((experiment) => experiment.name === name));
if (unknown.length > 0) throw new Error(`unknown scenario ${unknown.join(', ')}: --list shows all`);
const chosen = EXPERIMENTS.filter(({ name }) => values.scenario.length === 0 || values.scenario.includes(name));

if (values.list) for (const { name, title } of EXPERIMENTS) console.log(`${name.padEnd(28)} ${title}`);
else await runAll();

async function runAll(): Promise<void> {
  const refusal = nativeRefusal();
  if (refusal !== undefined) throw new Error(`${refusal}; \`npm run bench:check\` does without`);

  const extent = {
    warmUp: 1,
    ...(values.quick ? QUICK : { seconds: Number(values.seconds), rounds: Number(values.rounds) }),
  };
  const setting: Setting = { bin: resolve(values.bin), isGuarded: values.guarded, extent };
  const finished: Finished[] = [];
  // A part of the scenarios, or a hurried run, is nothing to keep.
  const isWhole = values.scenario.length === 0 && !values.quick;
  const file = values.out ?? (isWhole ? RESULTS : undefined);
  for (const experiment of chosen) {
    const findings = await experiment.run(setting);
    finished.push({ experiment, findings });
    if (file !== undefined) writeFileSync(file, render(finished, preamble(setting)));
    console.log(section(experiment, findings).join('\n'));
    for (const { what, measured, must, isMet } of findings.verdicts)
      console.log(`\n${what}: ${measured} (${must}${isMet === undefined ? '' : isMet ? ', met' : ', NOT met'})`);
    if (findings.faulty === 0) continue;
    console.error(findings.faults.slice(0, 10).join('\n'));
    process.exitCode = 1;
  }
}
