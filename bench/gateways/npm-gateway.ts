import { join } from 'node:path';

import { freePort } from '../../test/support/free-port.ts';
import { CORES } from '../cores.ts';
import { Program } from '../program.ts';
import { listens, ready } from '../ready.ts';
import type { Leg, Scenario } from '../scenarios/scenario.ts';
import { Upstream } from '../upstream.ts';
import type { GatewayAdapter, Place, RunningGateway } from './gateway.ts';
import { type NpmPackage, npmProgram } from './npm-package.ts';

/** A gateway that npm offers, of those that start the server as a child and speak to it over stdio. */
interface NpmGateway extends NpmPackage {
  speaks(downstream: Leg): boolean;
  /** Its arguments, to listen at a port of 127.0.0.1 in front of a command. */
  args(downstream: Leg, port: number, command: readonly string[]): readonly string[];
}

function npmGateway(gateway: NpmGateway): GatewayAdapter {
  return {
    name: gateway.name,
    version: () => gateway.version,
    refusal({ downstream }) {
      if (!gateway.speaks(downstream))
        return `it does not speak ${downstream.transport} of the ${downstream.era} revisions`;
      const program = npmProgram(gateway);
      return 'refusal' in program ? program.refusal : undefined;
    },
    start: (scenario, place) => startNpmGateway(gateway, scenario, place),
  };
}

async function startNpmGateway(gateway: NpmGateway, { downstream }: Scenario, place: Place): Promise<RunningGateway> {
  const program = npmProgram(gateway);
  if ('refusal' in program) throw new Error(program.refusal);

  const port = await freePort();
  const args = gateway.args(downstream, port, Upstream.command());
  const log = join(place.directory, 'log');
  const running = new Program([process.execPath, program.path, ...args], { core: CORES.measured, log });
  await ready(running, () => listens(port));
  return {
    url: `${downstream.transport}://127.0.0.1:${port}/mcp`,
    pid: running.pid,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

/** Without its event store, which a server that only answers has no use for. */
export const MCP_PROXY = npmGateway({
  name: 'mcp-proxy',
  version: '6.7.19',
  bin: 'dist/bin/mcp-proxy.mjs',
  speaks: ({ transport }) => transport === 'http',
  args: (_downstream, port, command) =>
    `--host 127.0.0.1 --port ${port} --server stream --no-eventStore --`.split(' ').concat(command),
});

/** With sessions over HTTP, as it is started for more than one client. */
export const SUPERGATEWAY = npmGateway({
  name: 'supergateway',
  version: '4.0.0',
  bin: 'dist/index.js',
  speaks: ({ transport, era }) => (transport === 'http' || transport === 'ws') && era === 'legacy',
  args: ({ transport }, port, command) => {
    const output = transport === 'ws' ? 'ws --messagePath /mcp' : 'streamableHttp --stateful';
    const words = `--port ${port} --logLevel none --outputTransport ${output}`.split(' ');
    return [...words, '--stdio', command.join(' ')];
  },
});
