import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePort } from '../../test/support/free-port.ts';
import { GUARDS, KEY } from '../guards.ts';
import { CORES, Program } from '../program.ts';
import { ready } from '../ready.ts';
import type { Scenario } from '../scenario.ts';
import { Upstream } from '../upstream.ts';
import type { GatewayAdapter, Place } from './gateway.ts';

const BIN = fileURLToPath(new URL('../../bin/mcp-gateway', import.meta.url));

/** How the gateway is set up beside what a scenario needs. */
export interface GatewaySettings {
  /** Whether everybody is authenticated, judged by a policy, counted by limits and metrics, and logged. */
  readonly isGuarded: boolean;
  /** Further configuration. */
  readonly more?: string;
}

/** The built gateway. */
export function mcpGateway({ isGuarded, more = '' }: GatewaySettings): GatewayAdapter {
  return {
    name: 'mcp-gateway',
    version: () => `Node ${process.version}`,
    refusal: () => undefined,

    async start(scenario, place) {
      const port = await freePort();
      const file = join(place.directory, 'gateway.toml');
      const log = join(place.directory, 'gateway.log');
      writeFileSync(file, configuration(port, scenario, place, isGuarded) + (isGuarded ? GUARDS : '') + more);

      // The log is a file, as where somebody collects it.
      const gateway = new Program([process.execPath, BIN, '--config', file], { core: CORES.measured, log });
      await ready(gateway, () => isReady(port)).catch((error: unknown) => {
        throw new Error(`the gateway: ${(error as Error).message}\n${readFileSync(log, 'utf8')}`);
      });
      const url =
        scenario.downstream.transport === 'unix'
          ? socketUrl(place)
          : `${scenario.downstream.transport}://127.0.0.1:${port}/mcp`;
      return {
        url,
        pid: gateway.pid,
        headers: isGuarded ? [`X-API-Key: ${KEY}`] : [],
        tidy: () => truncateSync(log),
        [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
      };
    },
  };
}

function socketUrl({ directory }: Place): string {
  return `unix://${directory}/gateway.sock`;
}

function configuration(port: number, scenario: Scenario, place: Place, isGuarded: boolean): string {
  const { downstream, upstream } = scenario;
  return `
[server]
host = "127.0.0.1"
port = ${port}
max_connections = 11_000
${downstream.transport === 'unix' ? `unix_socket = "${place.directory}/gateway.sock"` : ''}
[metrics]
enabled = ${isGuarded}
port = 0
[logging]
level = "${isGuarded ? 'info' : 'warn'}"
structured = true
${place.upstreams.map((server, at) => groupOf(server, at, upstream)).join('')}`;
}

function groupOf(server: Upstream, at: number, { transport, era }: Scenario['upstream']): string {
  const [command, ...args] = Upstream.command();
  const where =
    transport === 'stdio'
      ? `command = ${JSON.stringify(command)}\nargs = ${JSON.stringify(args)}`
      : `url = "${server.url(transport)}"`;
  const name = at === 0 ? 'default' : `g${at}`;
  return `
[[upstream.groups.${name}.servers]]
id = "only"
era = "${era}"
${where}
`;
}

function isReady(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/readiness`).then(
    ({ ok }) => ok,
    () => false,
  );
}
