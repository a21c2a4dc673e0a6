import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { startGateway } from '../support/quiet-gateway.ts';
import { OwnProcess } from '../support/own-process.ts';
import { type Findings, judgeClient, judgeServer, SELECTIONS } from './suite.ts';
import { compare, isGood, parseExpected, type Verdict } from './verdict.ts';

const FIXTURE = path('../fixtures/conformance-server/server.ts');
const expected = parseExpected(await readFile(path('expected-failures.yml'), 'utf8'));

await using fixture = new OwnProcess(FIXTURE, ['--port', '0']);
const { url } = JSON.parse(await fixture.firstLine) as { url: string };
await using gateway = await startGateway(url);

for (const selection of SELECTIONS) {
  const direct = await judgeServer(url, selection);
  report(`server ${selection.join(' ')}`, direct, await judgeServer(`http://localhost:${gateway.port}/mcp`, selection));
}
report('client', await judgeClient(true), await judgeClient(false));

function report(title: string, direct: Findings, through: Findings): void {
  const verdicts = compare(direct, through, expected);
  const width = Math.max(...verdicts.map(({ scenario }) => scenario.length));
  const row = (scenario: string, direct: string, gateway: string) =>
    console.log(`${scenario.padEnd(width)}  ${direct.padEnd(6)}  ${gateway}`);

  console.log(`\n${title}`);
  row('scenario', 'direct', 'through the gateway');
  for (const { scenario, direct, gateway } of verdicts) row(scenario, direct, gateway);

  const bad = verdicts.filter((verdict) => !isGood(verdict));
  for (const verdict of bad) console.log(`\n${verdict.scenario}: ${complaint(verdict)}`);
  console.log(`${verdicts.length - bad.length} of ${verdicts.length} as they should be`);
  // A run that found nothing at all has not passed either.
  if (bad.length > 0 || verdicts.length === 0) process.exitCode = 1;
}

function complaint({ gateway, messages }: Verdict): string {
  return gateway === 'STALE' ? 'passes, so take it off the list' : messages.join('; ');
}

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
