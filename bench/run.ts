import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { startGateway } from '../test/support/quiet-gateway.ts';
import { OwnProcess } from '../test/support/own-process.ts';
import { GUARDS, KEY } from './guards.ts';
import { type Extent, measure, type Outcome } from './measure.ts';
import { render } from './results.ts';
import { type Scenario, SCENARIOS } from './scenarios.ts';

const ECHO_SERVER = fileURLToPath(new URL('echo-server.ts', import.meta.url));

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    scenario: { type: 'string', default: 'all' },
    'direct-only': { type: 'boolean', default: false },
    guarded: { type: 'boolean', default: false },
  },
});
const extent: Extent = { seconds: Number(values.seconds), rounds: Number(values.rounds) };
const chosen = SCENARIOS.filter(({ transport }) => values.scenario === 'all' || values.scenario === transport);
if (chosen.length === 0) throw new Error(`unknown scenario "${values.scenario}"; known: ws, http, all`);

await using echo = new OwnProcess(ECHO_SERVER);
const { port } = JSON.parse(await echo.firstLine) as { port: number };

const outcomes: Outcome[] = [];
for (const scenario of chosen) {
  console.error(`${scenario.name} …`);
  outcomes.push(await run(scenario));
}

console.log(render(outcomes, extent));
for (const { scenario, faulty, faults } of outcomes.filter(({ faulty }) => faulty > 0)) {
  console.error(`\n${scenario.name}: ${faulty} faults, among them:\n${faults.join('\n')}`);
  process.exitCode = 1;
}

/** Every scenario has a gateway of its own, so that none inherits the warmth or the memory of another. */
async function run(scenario: Scenario): Promise<Outcome> {
  const address = (at: number) => `${scenario.transport}://127.0.0.1:${at}/mcp`;
  const directUrl = address(port);
  if (values['direct-only']) return measure(scenario, { directUrl, gateway: undefined }, extent);

  await using gateway = await startGateway(directUrl, values.guarded ? GUARDS : '');
  const through = { url: address(gateway.port), pid: gateway.process.pid };
  return await measure(scenario, { directUrl, gateway: through, key: values.guarded ? KEY : undefined }, extent);
}
