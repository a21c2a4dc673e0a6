import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';
import { Caller } from './support/caller.ts';
import { Tallied } from './support/tallied.ts';

const SETTINGS = `${EPHEMERAL}
[middleware.timeout]
upstream = "1s"
[upstream.health_check]
interval = "300ms"
timeout = "300ms"
unhealthy_threshold = 3
healthy_threshold = 2
[upstream.circuit_breaker]
open_duration = "500ms"
`;

interface Upstreams {
  readonly groups: readonly { readonly servers: readonly { readonly id: string; readonly state: string }[] }[];
}

describe.each(['stdio', 'ws', 'http'] as const)('an upstream server over %s that hangs', (kind) => {
  let servers: Tallied[];
  let gateway: RunningGateway;
  let caller: Caller;

  beforeEach(async () => {
    servers = [await Tallied.start(kind), await Tallied.start(kind)];
    gateway = await (await startGateway(SETTINGS + servers.map((s, n) => s.toml(`s${n}`)).join(''))).ready();
    caller = await Caller.connect(gateway, 'websocket');
  });

  afterEach(async () => {
    caller.close();
    for (const server of servers) if (server.pid) server.signal('SIGCONT');
    await gateway.stop();
    for (const server of servers) await server.stop();
  });

  const stateOf = async (id: string) =>
    (await gateway.json<Upstreams>('/api/v1/upstreams')).groups[0]!.servers.find((server) => server.id === id)!.state;

  it('costs the calls on it their time and nobody else anything, is taken out, and comes back', async () => {
    const keys = Array.from({ length: 10 }, (_, n) => `k${n}`);
    const calls = keys.map((key) => caller.work(key, { ms: 700 }));
    await until(() => keys.every((key) => servers.some((server) => server.executions(key) > 0)), 'the calls to run');
    servers[0]!.signal('SIGSTOP');
    const replies = await Promise.all(calls.map(({ promise }) => promise));
    const hung = keys.filter((key) => servers[0]!.executions(key) > 0);

    for (const [n, { error }] of replies.entries()) {
      if (hung.includes(keys[n]!))
        expect(error).toMatchObject({ data: { reason: 'upstream_timeout', maybeExecuted: true } });
      else expect(error).toBeUndefined();
    }
    await until(async () => (await stateOf('s0')) === 'down', 'the probes to take it out');
    const others = await Promise.all(keys.map((key) => caller.work(`${key}+`).promise));
    expect(others.filter(({ error }) => error)).toEqual([]);

    servers[0]!.signal('SIGCONT');
    await until(async () => (await stateOf('s0')) === 'up', 'it to come back');
    const cancelled = () => servers[0]!.read().filter((note) => note.cancelled !== undefined);
    await until(() => cancelled().length >= hung.length, 'the cancellations');
    const cancelledIds = cancelled().map((note) => note.cancelled);
    for (const note of servers[0]!.read().filter(({ executed }) => hung.includes(executed ?? ''))) {
      expect(cancelledIds).toContain(note.id);
    }
    await until(async () => {
      await caller.work('back').promise;
      return servers[0]!.executions('back') > 0;
    }, 'it to get requests again');
    expect(keys.map((_, n) => calls[n]!.answers())).toEqual(keys.map(() => 1));
  });
});

describe('a server over HTTP that stops in the middle of a reply', () => {
  it('costs that call its time, and serves again', async () => {
    const server = await Tallied.start('http');
    const gateway = await (await startGateway(SETTINGS + server.toml('a'))).ready();
    const caller = await Caller.connect(gateway, 'websocket');
    const call = caller.work('torn', { act: 'half' });
    const { error } = await call.promise;

    expect(error?.data?.maybeExecuted).toBe(true);
    await until(async () => !(await caller.work('after').promise).error, 'it to serve again');
    expect([server.executions('torn'), call.answers()]).toEqual([1, 1]);
    caller.close();
    await gateway.stop();
    await server.stop();
  });
});

describe('a server that freezes for a moment', () => {
  it('loses nothing', async () => {
    const server = await Tallied.start('ws');
    const gateway = await (await startGateway(EPHEMERAL + server.toml('a'))).ready();
    const caller = await Caller.connect(gateway, 'websocket');
    server.signal('SIGSTOP');
    const calls = Array.from({ length: 20 }, (_, n) => caller.work(`k${n}`).promise);
    const began = performance.now();
    await until(() => performance.now() - began > 1_500, 'a while');
    server.signal('SIGCONT');

    expect((await Promise.all(calls)).filter(({ error }) => error)).toEqual([]);
    caller.close();
    await gateway.stop();
    await server.stop();
  });
});
