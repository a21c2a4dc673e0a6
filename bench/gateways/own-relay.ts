import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePort } from '../../test/support/free-port.ts';
import { CORES } from '../cores.ts';
import { Program } from '../program.ts';
import { listens, ready } from '../ready.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { GatewayAdapter, Place, RunningGateway } from './gateway.ts';

/** A relay that is written for the benchmark, in a file of `peers/` that takes its port and the server's URL. */
function ownRelay(name: string, file: string, transport: 'ws' | 'http'): GatewayAdapter {
  const script = fileURLToPath(new URL(`../peers/${file}`, import.meta.url));
  return {
    name,
    version: () => `Node ${process.version}`,
    refusal: ({ downstream, upstream }) =>
      [downstream, upstream].every((leg) => leg.transport === transport && leg.era === 'legacy')
        ? undefined
        : `it speaks ${transport} of the revisions before 2026-07-28 alone`,
    start: (_scenario: Scenario, place: Place) => startRelay(script, transport, place),
  };
}

async function startRelay(script: string, transport: 'ws' | 'http', place: Place): Promise<RunningGateway> {
  const port = await freePort();
  const command = [process.execPath, script, String(port), place.whole.url(transport)];
  const relay = new Program(command, { core: CORES.measured, log: join(place.directory, 'log') });
  await ready(relay, () => listens(port));
  return {
    url: `${transport}://127.0.0.1:${port}/mcp`,
    pid: relay.pid,
    [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose](),
  };
}

/** What one writes first: `ws` on both sides, every message parsed, its id replaced, and written again. */
export const PARSE_RELAY = ownRelay('JSON.parse relay', 'parse-relay.ts', 'ws');

/** Client and Server of the official SDK (v1), wired as a proxy. */
export const SDK_PROXY = ownRelay('SDK v1 proxy', 'sdk-proxy.ts', 'http');
