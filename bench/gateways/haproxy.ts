import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { freePort } from '../../test/support/free-port.ts';
import { CORES } from '../cores.ts';
import { isInstalled, Program } from '../program.ts';
import { listens, ready } from '../ready.ts';
import { type GatewayAdapter, isAlike } from './gateway.ts';

/** One thread: a tunnel of bytes for WebSocket, a proxy that shares its connections for HTTP. No log. */
export const HAPROXY: GatewayAdapter = {
  name: 'haproxy',
  version: () => /version (\S+)/.exec(spawnSync('haproxy', ['-v'], { encoding: 'utf8' }).stdout)?.[1] ?? '',
  refusal(scenario) {
    if (!isInstalled('haproxy')) return 'haproxy is not installed';
    return isAlike(scenario) && ['ws', 'http'].includes(scenario.downstream.transport)
      ? undefined
      : 'it does not translate between transports or revisions';
  },

  async start({ downstream }, place) {
    const port = await freePort();
    const file = join(place.directory, 'haproxy.cfg');
    writeFileSync(file, configuration(port, place.whole.port, downstream.transport === 'ws' ? 'tcp' : 'http'));

    const log = join(place.directory, 'haproxy.log');
    const haproxy = new Program(['haproxy', '-f', file, '-db'], { core: CORES.measured, log });
    await ready(haproxy, () => listens(port));
    return {
      url: `${downstream.transport}://127.0.0.1:${port}/mcp`,
      pid: haproxy.pid,
      [Symbol.asyncDispose]: () => haproxy[Symbol.asyncDispose](),
    };
  },
};

function configuration(port: number, upstreamPort: number, mode: 'tcp' | 'http'): string {
  return `
global
  nbthread 1
  maxconn 9000
defaults
  mode ${mode}
  timeout connect 5s
  timeout client 300s
  timeout server 300s
  ${mode === 'http' ? 'http-reuse always' : ''}
listen echo
  bind 127.0.0.1:${port} backlog 4096
  server only 127.0.0.1:${upstreamPort} maxconn 9000
`;
}
