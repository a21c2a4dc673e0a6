import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { startGateway } from '../support/quiet-gateway.ts';
import { OwnProcess } from '../support/own-process.ts';
import { type Findings, judgeClient, judgeServer, SELECTIONS } from './suite.ts';
import { compare, isGood, parseExpected, type Verdict } from './verdict.ts';

const FIXTURE = path('../fixtures/conformance-server/server.ts');
const ERAS = ['legacy', 'modern'] as const;
const expected = parseExpected(await readFile(path('expected-failures.yml'), 'utf8'));

await using legacy = new OwnProcess(FIXTURE, ['--port', '0']);
await using modern = new OwnProcess(FIXTURE, ['--port', '0', '--modern']);
const urls = { legacy: await urlOf(legacy), modern: await urlOf(modern) };
await using beforeLegacy = await startGateway(urls.legacy);
await using beforeModern = await startGateway(urls.modern);
const gateways = { legacy: beforeLegacy, modern: beforeModern };

for (const client of ERAS) {
  for (const selection of SELECTIONS[client]) {
    const direct = await judgeServer(urls[client], selection);
    for (const server of ERAS) {
      const through = await judgeServer(`http://localhost:${gateways[server].port}/mcp`, selection);
      report(`${client}-on-${server}`, selection.join(' '), { direct, through });
    }
  }
}
for (const server of ERAS) {
  // What a kit of the server's own era does without the gateway is what can be expected.
  const direct = await judgeClient({ era: server, direct: true }, server);
  for (const era of ERAS) {
    report(`client-${era}-on-${server}`, 'the suite is the server', {
      direct,
      through: await judgeClient({ era }, server),
    });
  }
}

async function urlOf(fixture: OwnProcess): Promise<string> {
  return (JSON.parse(await fixture.firstLine) as { url: string }).url;
}

function report(cell: string, what: string, found: { direct: Findings; through: Findings }): void {
  const verdicts = compare(found.direct, found.through, expected.get(cell) ?? new Set());
  const width = Math.max(...verdicts.map(({ scenario }) => scenario.length));
  const row = (scenario: string, direct: string, gateway: string) =>
    console.log(`${scenario.padEnd(width)}  ${direct.padEnd(6)}  ${gateway}`);

  console.log(`\n${cell}: ${what}`);
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
