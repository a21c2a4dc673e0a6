import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { startGateway } from '../support/quiet-gateway.ts';
import { OwnProcess } from '../support/own-process.ts';
import { type Findings, runSuite } from './suite.ts';
import { compare, isGood, parseExpected, type Verdict } from './verdict.ts';

const FIXTURE = path('../fixtures/conformance-server/server.ts');
const EXPECTED_FAILURES = path('expected-failures.yml');

const { values } = parseArgs({ options: { 'direct-only': { type: 'boolean', default: false } } });

await using fixture = new OwnProcess(FIXTURE, ['--port', '0']);
const { url } = JSON.parse(await fixture.firstLine) as { url: string };
const direct = await runSuite(url);
if (!direct.ok) process.exitCode = 1;

if (values['direct-only']) {
  reportDirect(direct.findings);
} else {
  await using gateway = await startGateway(url);
  const through = await runSuite(`http://localhost:${gateway.port}/mcp`, EXPECTED_FAILURES);
  const expected = parseExpected(await readFile(EXPECTED_FAILURES, 'utf8'));

  report(compare(direct.findings, through.findings, expected));
  if (!through.ok) process.exitCode = 1;
}

function reportDirect(findings: Findings): void {
  for (const [scenario, messages] of findings) console.log(`${messages.length === 0 ? 'pass' : 'FAIL'}  ${scenario}`);
  for (const message of [...findings.values()].flat()) console.log(`\n${message}`);
}

function report(verdicts: readonly Verdict[]): void {
  const width = Math.max(...verdicts.map(({ scenario }) => scenario.length));
  const row = (scenario: string, direct: string, gateway: string) =>
    console.log(`${scenario.padEnd(width)}  ${direct.padEnd(6)}  ${gateway}`);

  row('scenario', 'direct', 'through the gateway');
  for (const { scenario, direct, gateway } of verdicts) row(scenario, direct, gateway);

  const bad = verdicts.filter((verdict) => !isGood(verdict));
  for (const { scenario, gateway, messages } of bad) {
    console.log(`\n${scenario}: ${gateway === 'STALE' ? 'passes, so take it off the list' : messages.join('; ')}`);
  }
  console.log(`\n${verdicts.length - bad.length} of ${verdicts.length} as they should be`);
  if (bad.length > 0) process.exitCode = 1;
}

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
