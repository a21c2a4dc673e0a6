import { EPHEMERAL, MODULES, startGateway } from '../support/gateway.ts';
import { privateMib } from '../support/private-memory.ts';

const MOST_AT_REST_MIB = 76;

describe.runIf(process.platform === 'linux')('a gateway that is not bundled, at rest,', () => {
  it('needs little memory', async () => {
    const toml = `${EPHEMERAL}
[[upstream.groups.default.servers]]
id = "basic"
command = "node"
args = ["examples/basic/src/server.ts"]
`;
    // What is compiled for others as well is kept in memory, and nobody starts it like that.
    const gateway = await startGateway(toml, { bin: MODULES, env: { NODE_COMPILE_CACHE: '' } });
    try {
      await gateway.ready();
      expect(privateMib(gateway.pid)).toBeLessThan(MOST_AT_REST_MIB);
    } finally {
      await gateway.stop();
    }
  });
});
