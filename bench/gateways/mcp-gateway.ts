import { spawnSync } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Authority } from '../../test/support/certificates.ts';
import { freePort } from '../../test/support/free-port.ts';
import { KEY } from '../guards.ts';
import { CORES } from '../cores.ts';
import { Program } from '../program.ts';
import { ready } from '../ready.ts';
import { OURS } from '../scenarios/goal.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { GatewayAdapter, Place, RunningGateway } from './gateway.ts';
import { gatewayConfig, type GatewaySettings, socketPath } from './gateway-config.ts';
import { isReady } from './readiness.ts';

/** What a variant of the gateway does otherwise than the scenario says. */
export interface Variant {
  readonly name: string;
  readonly isPlain?: boolean;
  readonly workers?: number;
}

/** The built gateway. */
export function mcpGateway(settings: GatewaySettings, variant: Variant = { name: OURS }): GatewayAdapter {
  return {
    name: variant.name,
    version: () => `Node ${process.version}`,
    refusal: (scenario) =>
      (variant.workers ?? scenario.workers) !== undefined && !knowsWorkers(settings.bin)
        ? 'this build of the gateway has no `[server] workers`'
        : undefined,

    async start(scenario, place) {
      const authority = scenario.isTls && !variant.isPlain ? Authority.create() : undefined;
      const workers = variant.workers ?? scenario.workers;
      const running = await start(
        scenario,
        place,
        { ...settings, workers, certificate: authority?.server() },
        authority,
      );
      return {
        ...running,
        async [Symbol.asyncDispose]() {
          await running[Symbol.asyncDispose]();
          authority?.dispose();
        },
      };
    },
  };
}

async function start(
  scenario: Scenario,
  place: Place,
  settings: GatewaySettings,
  authority: Authority | undefined,
): Promise<RunningGateway> {
  const port = await freePort();
  const file = join(place.directory, 'gateway.toml');
  const log = join(place.directory, 'gateway.log');
  writeFileSync(file, gatewayConfig(port, scenario, place, settings));

  // The log is a file, as where somebody collects it.
  const command = [process.execPath, settings.bin, '--config', file];
  const began = performance.now();
  const gateway = new Program(command, { core: CORES.measured, log });
  await ready(gateway, () => isReady(port, authority?.cert)).catch((error: unknown) => {
    throw new Error(`${(error as Error).message}:\n${readFileSync(log, 'utf8')}`);
  });
  const readyAfterMs = performance.now() - began;
  return {
    readyAfterMs,
    url: urlOf(scenario, place, port, authority !== undefined),
    pid: gateway.pid,
    headers: settings.isGuarded ? [`X-API-Key: ${KEY}`] : [],
    tidy: () => truncateSync(log),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

function urlOf({ downstream: { transport } }: Scenario, place: Place, port: number, isTls: boolean): string {
  if (transport === 'unix') return `unix://${socketPath(place)}`;
  return `${transport}${isTls ? 's' : ''}://127.0.0.1:${port}/mcp`;
}

/** Whether the configuration of a build has `[server] workers`. */
function knowsWorkers(bin: string): boolean {
  const { stdout } = spawnSync(process.execPath, [bin, 'schema'], { encoding: 'utf8', maxBuffer: 64 * 1_024 * 1_024 });
  const schema = JSON.parse(stdout) as { properties?: { server?: { properties?: Record<string, unknown> } } };
  return schema.properties?.server?.properties?.['workers'] !== undefined;
}
