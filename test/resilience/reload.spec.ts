import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { CLIENT_TRANSPORTS } from '../support/clients.ts';
import { until } from '../support/until.ts';
import { Caller } from './support/caller.ts';
import { Tallied } from './support/tallied.ts';

const generationOf = async (gateway: RunningGateway) =>
  (await gateway.json<{ generation: number }>('/api/v1/status')).generation;

describe('a reload', () => {
  let servers: Tallied[];
  let gateway: RunningGateway;
  let callers: Caller[];

  beforeEach(async () => {
    servers = [await Tallied.start('ws'), await Tallied.start('http'), await Tallied.prepare('stdio')];
    gateway = await (await startGateway(EPHEMERAL + all())).ready();
    callers = await Promise.all(CLIENT_TRANSPORTS.map((transport) => Caller.connect(gateway, transport)));
  });

  afterEach(async () => {
    for (const caller of callers) caller.close();
    await gateway.stop();
    for (const server of servers) await server.stop();
  });

  const all = (): string => servers.map((server, n) => server.toml(`s${n}`)).join('');
  const starts = (server: Tallied): number => server.read().filter(({ started }) => started).length;

  async function follow(toml: string): Promise<void> {
    const before = await generationOf(gateway);
    gateway.rewrite(toml);
    await until(async () => (await generationOf(gateway)) > before, 'the next generation');
  }

  it('that removes servers lets long calls on them finish, and then ends them', async () => {
    const calls = callers.flatMap((caller, who) =>
      Array.from({ length: 6 }, (_, n) => ({ key: `${who}/${n}`, call: caller.work(`${who}/${n}`, { ms: 2_500 }) })),
    );
    await until(() => calls.every(({ key }) => servers.some((server) => server.executions(key))), 'the calls to run');
    await follow(EPHEMERAL + servers[0]!.toml('s0'));
    const replies = await Promise.all(calls.map(({ call }) => call.promise));

    expect(replies.filter(({ error }) => error)).toEqual([]);
    expect(calls.map(({ call }) => call.answers())).toEqual(calls.map(() => 1));
    for (const server of servers) expect(server.read().some(({ executed }) => executed)).toBe(true);
    const child = servers[2]!.pid;
    await until(() => {
      try {
        return !process.kill(child, 0);
      } catch {
        return true;
      }
    }, 'the child to end');
  });

  it('that changes weight and strategy keeps every connection', async () => {
    await follow(
      `${EPHEMERAL}[upstream.groups.default]\nstrategy = "weighted_round_robin"\n${all().replaceAll(/^id/gm, 'weight = 7\nid')}`,
    );
    expect((await callers[0]!.work('x').promise).error).toBeUndefined();
    const { groups } = await gateway.json<{ groups: { strategy: string; servers: object[] }[] }>('/api/v1/upstreams');

    expect(groups[0]!.strategy).toBe('weighted_round_robin');
    expect(groups[0]!.servers).toMatchObject([1, 2, 3].map(() => ({ weight: 7, state: 'up', reconnects: 0 })));
    expect(starts(servers[2]!)).toBe(1);
  });

  it('of the port waits for a restart, and says so', async () => {
    gateway.rewrite(EPHEMERAL.replace('port = 0', 'port = 1') + all());
    await until(() => gateway.lines.some((line) => JSON.stringify(line).includes('after a restart')), 'the warning');

    expect((await callers[0]!.work('x').promise).error).toBeUndefined();
  });

  it(
    'by a file that is written, cut short, emptied, removed and replaced all the time loses nothing',
    { timeout: 60_000 },
    async () => {
      const busy = new AbortController();
      let answered = 0;
      const load = callers.map(async (caller, who) => {
        for (let n = 0; !busy.signal.aborted; n++) {
          expect((await caller.work(`${who}/${n}`).promise).error).toBeUndefined();
          answered++;
        }
      });
      for (let n = 1; n <= 100; n++) {
        const toml = `${EPHEMERAL}[gateway]\ninstructions = "number ${n}"\n${n % 2 ? all() : servers[0]!.toml('s0') + servers[2]!.toml('s2')}`;
        const before = answered;
        if (n % 5 === 0) writeFileSync(gateway.configFile, '');
        if (n % 5 === 1) writeFileSync(gateway.configFile, toml.slice(0, toml.length / 2));
        if (n % 5 === 2) rmSync(gateway.configFile);
        if (n % 5 === 3) {
          writeFileSync(`${gateway.configFile}.new`, toml);
          renameSync(`${gateway.configFile}.new`, gateway.configFile);
        } else {
          await until(() => answered > before + 3, 'some calls');
          gateway.rewrite(toml);
        }
        if (n % 3 === 0) gateway.process.kill('SIGHUP');
        await until(() => answered > before + 10, 'some calls');
      }
      await until(async () => (await generationOf(gateway)) > 5, 'generations to pass');
      busy.abort();
      await Promise.all(load);
      gateway.rewrite(EPHEMERAL + all());
      await gateway.ready();

      expect(answered).toBeGreaterThan(1_000);
    },
  );

  it('by swapped symbolic links, as Kubernetes does it, is followed', async () => {
    const { directory } = gateway;
    const publish = (version: string, toml: string): void => {
      mkdirSync(join(directory, `..${version}`));
      writeFileSync(join(directory, `..${version}`, 'gateway.toml'), toml);
      symlinkSync(`..${version}`, join(directory, '..data_tmp'));
      renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
    };
    publish('one', `${EPHEMERAL}[gateway]\ninstructions = "one"\n${all()}`);
    rmSync(gateway.configFile);
    symlinkSync('..data/gateway.toml', gateway.configFile);
    await until(async () => (await generationOf(gateway)) === 2, 'the first link');
    for (const [n, version] of ['two', 'three', 'four'].entries()) {
      publish(version, `${EPHEMERAL}[gateway]\ninstructions = "${version}"\n${all()}`);
      await until(async () => (await generationOf(gateway)) === n + 3, version);
    }

    expect((await callers[0]!.work('x').promise).error).toBeUndefined();
  });
});
