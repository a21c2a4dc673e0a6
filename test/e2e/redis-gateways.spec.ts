import { brisk } from '../support/brisk.ts';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { modernCall, postModern } from '../support/modern.ts';
import { Place } from '../support/place.ts';
import { HAS_REDIS, RunningRedis } from '../support/redis.ts';
import { ScriptedUpstream } from '../support/scripted-upstream.ts';
import { until } from '../support/until.ts';

const PASSWORD = 'correct-horse-battery-staple';

describe.skipIf(!HAS_REDIS)('two gateways and one Redis', () => {
  let redis: RunningRedis;
  let upstream: ScriptedUpstream;
  let gateways: RunningGateway[] = [];
  let addresses = 100;

  beforeAll(async () => {
    [redis, upstream] = await Promise.all([
      RunningRedis.start('--requirepass', PASSWORD),
      ScriptedUpstream.start('ws', {
        script: {
          'tools/list': ({ reply }) => reply({ tools: [{ name: 'search', inputSchema: { type: 'object' } }] }),
          'tools/call': ({ reply }) => reply({ content: [] }),
        },
      }),
    ]);
    const toml = `${EPHEMERAL}
[redis]
url = "redis://:\${REDIS_PASSWORD}@127.0.0.1:${redis.port}/0"
command_timeout = "500ms"
[security.rate_limiting]
enabled = true
requests_per_minute = 6
burst_size = 10
[[upstream.groups.default.servers]]
${upstream.toml}
`;
    const env = { REDIS_PASSWORD: PASSWORD };
    gateways = await Promise.all([startGateway(toml, { env }), startGateway(toml, { env })]);
    await Promise.all(gateways.map((gateway) => gateway.ready()));
    await shared(1);
  });

  afterAll(async () => {
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    upstream?.stop();
    await redis?.stop();
  });

  /** Until both say so of their Redis. */
  async function shared(up: 0 | 1): Promise<void> {
    for (const { metricsUrl } of gateways) {
      const says = async (): Promise<boolean> =>
        (await (await fetch(metricsUrl)).text()).includes(`\nmcp_gateway_redis_up ${up}\n`);
      await until(says, `the metric of Redis to be ${up}`, 20_000);
    }
  }

  /** The statuses of so many calls of one new client, to both gateways in turn. */
  async function statuses(calls: number): Promise<number[]> {
    const address = `127.0.0.${++addresses}`;
    const places = gateways.map(({ url }) => new Place(url, address));
    const answers: number[] = [];
    for (let id = 0; id < calls; id++) {
      answers.push((await postModern(places[id % 2]!, modernCall('search', id))).status);
    }
    return answers;
  }

  const letIn = (answers: readonly number[]): number => answers.filter((status) => status === 200).length;

  it('share one budget for each client', async () => {
    expect(letIn(await statuses(30))).toBe(10);
    expect(letIn(await statuses(30))).toBe(10);
  });

  it('each count for themselves when it is killed, and nobody is told of it', async () => {
    await redis.kill();
    const before = performance.now();
    const answers = await statuses(40);
    expect(performance.now() - before).toBeLessThan(brisk(2_000));
    expect(new Set(answers)).toEqual(new Set([200, 429]));
    expect(letIn(answers)).toBe(20);
    await shared(0);
    for (const gateway of gateways) {
      const said = gateway.lines.filter(({ msg }) => msg?.startsWith('Redis is not there'));
      expect(said.map(({ msg }) => msg)).toEqual([expect.stringContaining('counts for itself') as unknown]);
    }
  });

  it('count together again when it is back, with nothing in it', async () => {
    await redis.run();
    await shared(1);
    expect(letIn(await statuses(30))).toBe(10);
  });

  it('wait for it once when it is frozen, and not again', async () => {
    redis.freeze();
    try {
      const address = `127.0.0.${++addresses}`;
      for (const { url } of gateways) {
        const place = new Place(url, address);
        const took: number[] = [];
        for (let id = 0; id < 10; id++) {
          const before = performance.now();
          expect((await postModern(place, modernCall('search', id))).status).toBe(200);
          took.push(performance.now() - before);
        }
        expect(took[0]).toBeLessThan(brisk(1_000));
        expect(took.filter((ms) => ms > 450).length).toBeLessThanOrEqual(1);
      }
    } finally {
      redis.thaw();
    }
    await shared(1);
  });

  it('never say the password, in a log or anywhere', async () => {
    for (const gateway of gateways) {
      expect(JSON.stringify(gateway.lines) + gateway.stderr.join('\n')).not.toContain(PASSWORD);
      expect(gateway.line('[redis] url holds a password; write it as ${REDIS_URL} or ${file:/run/secrets/redis}')).toBe(
        undefined,
      );
    }
  });
});
