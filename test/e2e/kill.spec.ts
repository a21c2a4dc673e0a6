import { connect, textOf } from '../support/clients.ts';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

interface Upstreams {
  groups: { servers: { id: string; state: string; requests: number; reconnects: number }[] }[];
}

/** Three replicas under load, one killed with SIGKILL. */
describe('a replica that dies under load', () => {
  let gateway: RunningGateway;

  beforeAll(async () => {
    const replica = (id: string) => `
[[upstream.groups.default.servers]]
id = "${id}"
command = "node"
args = ["examples/basic/src/server.ts"]
env = { INSTANCE_ID = "${id}" }
`;
    gateway = await startGateway(`${EPHEMERAL}
[upstream.groups.default]
strategy = "round_robin"
${['a', 'b', 'c'].map(replica).join('')}`);
    await gateway.ready();
  });

  afterAll(() => gateway?.stop());

  it('loses no request without an answer, answers none twice, goes on within a second, and comes back', async () => {
    const clients = await Promise.all(
      Array.from({ length: 8 }, (_, n) => connect(gateway, n % 2 ? 'websocket' : 'streamable_http')),
    );
    const victim = await pidOf('b', clients[0]!);
    const stopAt = performance.now() + 4_000;
    let killedAt = Infinity;
    const answers: { at: number; ok: boolean }[] = [];
    let asked = 0;

    const load = clients.map(async (client, who) => {
      for (let round = 0; performance.now() < stopAt; round++) {
        const text = `${who}/${round}`;
        asked++;
        const answered = await client.callTool({ name: 'echo', arguments: { text } }).then(
          (result) => textOf(result).includes(text),
          (error: { code?: number; data?: { reason?: string } }) => {
            expect(error).toMatchObject({ code: -32603, data: { reason: 'upstream_unavailable' } });
            return false;
          },
        );
        answers.push({ at: performance.now(), ok: answered });
      }
    });
    await until(() => answers.length > 200, 'load to build up');
    process.kill(victim, 'SIGKILL');
    killedAt = performance.now();
    await Promise.all(load);

    expect(answers).toHaveLength(asked);
    const failed = answers.filter(({ ok }) => !ok);
    // Only what the victim held when it died may fail: it may have run there.
    expect(failed.length).toBeLessThanOrEqual(clients.length);
    expect(failed.every(({ at }) => at > killedAt && at < killedAt + 1_000)).toBe(true);
    expect(answers.some(({ at, ok }) => ok && at > killedAt && at < killedAt + 1_000)).toBe(true);

    await until(async () => {
      const { groups } = await gateway.json<Upstreams>('/api/v1/upstreams');
      const server = groups[0]!.servers.find(({ id }) => id === 'b')!;
      return server.state === 'up' && server.reconnects > 0;
    }, 'the replica to return');
    expect(await pidOf('b', clients[0]!)).not.toBe(victim);
    await Promise.all(clients.map((client) => client.close()));
  });
});

/** Asks until the wanted instance happens to answer, and tells its process id. */
async function pidOf(instance: string, client: Awaited<ReturnType<typeof connect>>): Promise<number> {
  return until(async () => {
    const { structuredContent } = await client.callTool({ name: 'server_info', arguments: {} });
    const info = structuredContent as { instance: string; pid: number };
    return info.instance === instance && info.pid;
  }, `instance ${instance} to answer`);
}
