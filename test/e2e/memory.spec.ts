import { readFileSync } from 'node:fs';

import { EPHEMERAL, startGateway } from '../support/gateway.ts';

const MOST_AT_REST_MIB = 80;

/** What belongs to a process alone, without the binary and other pages that it shares. */
function privateMib(pid: number): number {
  const [, kib] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1_024;
}

describe.runIf(process.platform === 'linux')('a gateway at rest', () => {
  it('needs little memory', async () => {
    const toml = `${EPHEMERAL}
[[upstream.groups.default.servers]]
id = "basic"
command = "node"
args = ["examples/basic/src/server.ts"]
`;
    // What is compiled for others as well is kept in memory, and nobody starts it like that.
    const gateway = await startGateway(toml, { env: { NODE_COMPILE_CACHE: '' } });
    try {
      await gateway.ready();
      expect(privateMib(gateway.pid)).toBeLessThan(MOST_AT_REST_MIB);
    } finally {
      await gateway.stop();
    }
  });
});
