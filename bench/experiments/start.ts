import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { mcpGateway } from '../gateways/mcp-gateway.ts';
import { alike, WS } from '../scenarios/scenario.ts';
import type { Experiment, Findings, Setting } from './experiment.ts';
import { judge, spread } from './judge.ts';
import { openPlace } from './rounds.ts';

const STARTS = 11;

const SCENARIO = alike(WS, {
  name: 'start',
  title: `From start to ready, ${STARTS} times`,
  load: { connections: 1, depth: 1, shape: 'echo', size: 100 },
  against: [],
  goals: [],
});

/** How long it takes until the gateway is ready: from the start of its process to the first 200 of `/readiness`. */
export const START: Experiment = { name: SCENARIO.name, title: SCENARIO.title, run };

async function run(setting: Setting): Promise<Findings> {
  await using stack = new AsyncDisposableStack();
  const place = await openPlace(SCENARIO, stack);
  const seconds: number[] = [];

  for (let at = 0; at < STARTS; at++) {
    const directory = join(place.directory, String(at));
    mkdirSync(directory);
    await using gateway = await mcpGateway(setting).start(SCENARIO, { ...place, directory });
    seconds.push((gateway.readyAfterMs ?? Number.NaN) / 1_000);
  }
  // The first one finds nothing in the cache of compiled code, which is how nobody but the first starts it.
  const [first = Number.NaN, ...others] = seconds;
  return {
    headings: ['mcp-gateway', 'seconds'],
    rows: [
      ['the first start', first.toFixed(3)],
      [`the ${others.length} after it`, spread(others, 's')],
    ],
    verdicts: [judge({ what: 'from start to ready', unit: 's', isFloor: false, must: 0.35 }, others)],
    skipped: [],
    faulty: 0,
    faults: [],
  };
}
