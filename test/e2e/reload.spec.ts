import { connect, textOf } from '../support/clients.ts';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

interface Status {
  generation: number;
}

const settings = (instructions: string, extra = '') => `${EPHEMERAL}
[gateway]
instructions = "${instructions}"
[[upstream.groups.default.servers]]
id = "one"
command = "node"
args = ["examples/basic/src/server.ts"]
${extra}`;

const SECOND = `
[[upstream.groups.default.servers]]
id = "two"
command = "node"
args = ["examples/basic/src/server.ts"]
`;

describe('a changed configuration', () => {
  let gateway: RunningGateway;

  beforeEach(async () => {
    gateway = await (await startGateway(settings('first'))).ready();
  });

  afterEach(() => gateway?.stop());

  const generation = async () => (await gateway.json<Status>('/api/v1/status')).generation;

  it('is applied 100 times under load without one failed request', { timeout: 60_000 }, async () => {
    const clients = await Promise.all(
      Array.from({ length: 4 }, (_, n) => connect(gateway, n % 2 ? 'websocket' : 'streamable_http')),
    );
    const reloading = new AbortController();
    let answered = 0;
    const load = clients.map(async (client, who) => {
      for (let round = 0; !reloading.signal.aborted; round++) {
        const text = `${who}/${round}`;
        expect(textOf(await client.callTool({ name: 'echo', arguments: { text } }))).toContain(text);
        answered++;
      }
    });

    for (let reload = 1; reload <= 100; reload++) {
      const before = await generation();
      // Every tenth reload also changes the servers, so that groups are rebuilt and retired.
      gateway.rewrite(settings(`reload ${reload}`, reload % 20 < 10 ? SECOND : ''));
      gateway.process.kill('SIGHUP');
      await until(async () => (await generation()) > before, `reload ${reload}`);
    }
    reloading.abort();
    await Promise.all(load);

    expect(answered).toBeGreaterThan(100);
    await Promise.all(clients.map((client) => client.close()));
  });

  it('is noticed in the file without a signal', async () => {
    gateway.rewrite(settings('second'));
    await until(async () => (await generation()) === 2, 'the second generation');

    const client = await connect(gateway, 'websocket');
    expect(client.getInstructions()).toContain('second');
    await client.close();
  });

  it('keeps the old generation when it is broken, and says where it is broken', async () => {
    gateway.rewrite(settings('third').replace('command = "node"', 'comand = "node"'));

    const problem = await until(
      () => gateway.lines.find((line) => JSON.stringify(line).includes('comand')),
      'the problem to be logged',
    );
    expect(JSON.stringify(problem)).toMatch(/gateway\.toml:\d+:\d+/);
    expect(JSON.stringify(problem)).toContain('command');
    expect(await generation()).toBe(1);
    const client = await connect(gateway, 'streamable_http');
    expect(textOf(await client.callTool({ name: 'echo', arguments: { text: 'still here' } }))).toContain('still here');
    await client.close();
  });

  it('shows an added group at once and keeps the running server of an unchanged one', async () => {
    const client = await connect(gateway, 'websocket');
    const pid = async () =>
      ((await client.callTool({ name: 'server_info', arguments: {} })).structuredContent as { pid: number }).pid;
    const before = await pid();

    gateway.rewrite(
      `${settings('first')}
[[upstream.groups.notes.servers]]
command = "node"
args = ["examples/basic/src/server.ts"]
`,
    );
    await until(async () => (await generation()) === 2, 'the second generation');
    await gateway.ready();

    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toContain('notes__echo');
    expect(await pid()).toBe(before);
    await client.close();
  });
});
