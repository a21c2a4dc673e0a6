import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { CLIENT_TRANSPORTS } from '../support/clients.ts';
import { until } from '../support/until.ts';
import { Caller } from './support/caller.ts';
import { Tallied } from './support/tallied.ts';
import { brisk } from '../support/brisk.ts';

const KINDS = ['stdio', 'ws', 'http'] as const;

/** The state of the only server, as the admin API tells it. */
async function stateOf(gateway: RunningGateway): Promise<string> {
  const response = await fetch(new URL('/api/v1/upstreams', gateway.url));
  const { groups } = (await response.json()) as { groups: { servers: { state: string }[] }[] };
  return groups[0]!.servers[0]!.state;
}

describe.each(KINDS)('an upstream server over %s', (kind) => {
  let server: Tallied;
  let gateway: RunningGateway;
  let callers: Caller[];

  beforeAll(async () => {
    server = await Tallied.start(kind);
    gateway = await (await startGateway(EPHEMERAL + server.toml('a'))).ready();
    callers = await Promise.all(CLIENT_TRANSPORTS.map((transport) => Caller.connect(gateway, transport)));
  });

  afterAll(async () => {
    for (const caller of callers) caller.close();
    await gateway.stop();
    await server.stop();
  });

  it('killed in the middle of calls: each gets one answer within a second, none runs twice, and it is back soon', async () => {
    const calls = callers.flatMap((caller, who) =>
      Array.from({ length: 10 }, (_, n) => ({ key: `${who}/${n}`, call: caller.work(`${who}/${n}`, { ms: 60_000 }) })),
    );
    await until(() => calls.every(({ key }) => server.executions(key) === 1), 'all calls to run');
    const killedAt = performance.now();
    server.signal('SIGKILL');
    await server.stop();
    const replies = await Promise.all(calls.map(({ call }) => call.promise));
    // Over HTTP it is asked whether it is there: back before that, it would only be known to have failed calls.
    if (kind === 'http') await until(async () => (await stateOf(gateway)) !== 'up', 'its loss to be known');
    await server.start();
    const startedAt = performance.now();

    for (const reply of replies) {
      expect(reply.error).toMatchObject({
        code: -32603,
        data: { reason: 'upstream_unavailable', maybeExecuted: true },
      });
    }
    for (const { call } of calls) expect(call.answeredAt() - killedAt).toBeLessThan(brisk(1_000));
    const again = await Promise.all(callers.map((caller) => caller.work('again').promise));
    expect(again.map(({ error }) => error)).toEqual([undefined, undefined]);
    expect(performance.now() - startedAt).toBeLessThan(brisk(2_000));
    for (const { key, call } of calls) expect([server.executions(key), call.answers()]).toEqual([1, 1]);
  });

  it('that breaks off within a reply fails that call and no other', async () => {
    const other = kind === 'http' ? callers[1]!.work('other', { ms: 500 }) : undefined;
    const began = performance.now();
    const reply = await callers[0]!.work('torn', { act: 'reset' }).promise;

    expect(reply.error).toMatchObject({ data: { reason: 'upstream_unavailable', maybeExecuted: true } });
    expect(performance.now() - began).toBeLessThan(brisk(1_500));
    expect(server.executions('torn')).toBe(1);
    expect((await other?.promise)?.error).toBeUndefined();
    expect((await callers[0]!.work('after').promise).error).toBeUndefined();
  });
});

describe.each(['ws', 'http'] as const)('an upstream server over %s', (kind) => {
  it('that is down when the gateway starts is found when it comes', async () => {
    const server = await Tallied.prepare(kind);
    const gateway = await startGateway(EPHEMERAL + server.toml('a'));
    const caller = await Caller.connect(gateway, 'websocket');
    await server.start();
    await gateway.ready();

    expect((await caller.work('first').promise).error).toBeUndefined();
    caller.close();
    await gateway.stop();
    await server.stop();
  });

  it('whose replicas are all down makes requests wait a while and then says so', async () => {
    const servers = [await Tallied.start(kind), await Tallied.start(kind)];
    const gateway = await (await startGateway(EPHEMERAL + servers.map((s, n) => s.toml(`s${n}`)).join(''))).ready();
    const caller = await Caller.connect(gateway, 'websocket');
    await Promise.all(servers.map((server) => server.stop()));
    const began = performance.now();
    const reply = await caller.work('nobody').promise;

    expect(reply.error).toMatchObject({ data: { reason: 'upstream_unavailable' } });
    expect(reply.error?.data?.maybeExecuted).toBeUndefined();
    expect(performance.now() - began).toBeLessThan(brisk(6_500));
    const soon = performance.now();
    expect((await caller.work('at once').promise).error).toMatchObject({ data: { reason: 'upstream_unavailable' } });
    expect(performance.now() - soon).toBeLessThan(500);
    caller.close();
    await gateway.stop();
  });

  it('with two of three replicas gone at once serves every request by the third', async () => {
    const servers = [await Tallied.start(kind), await Tallied.start(kind), await Tallied.start(kind)];
    const gateway = await (await startGateway(EPHEMERAL + servers.map((s, n) => s.toml(`s${n}`)).join(''))).ready();
    const caller = await Caller.connect(gateway, 'websocket');
    for (const gone of servers.slice(0, 2)) gone.signal('SIGKILL');
    await Promise.all(servers.slice(0, 2).map((server) => server.stop()));
    const replies = await Promise.all(Array.from({ length: 6 }, (_, n) => caller.work(`n${n}`).promise));

    expect(replies.map(({ error }) => error)).toEqual(Array.from({ length: 6 }, () => undefined));
    caller.close();
    await gateway.stop();
    await servers[2]!.stop();
  });
});

describe('a child that cannot stay up', () => {
  it('costs next to nothing, and its last words are in the log', async () => {
    const script = "console.error('no database'); process.exit(1)";
    const toml = `[[upstream.groups.default.servers]]\nid = "a"\ncommand = "node"\nargs = ["-e", "${script}"]\n`;
    const gateway = await startGateway(EPHEMERAL + toml);
    const state = async () =>
      (await gateway.json<{ groups: { servers: { state: string; reason?: string }[] }[] }>('/api/v1/upstreams'))
        .groups[0]!.servers[0]!;
    await until(async () => JSON.stringify(await state()).includes('crash loop'), 'the crash loop', 15_000);
    const metrics = async () => (await fetch(gateway.metricsUrl)).text();
    const cpu = (text: string) => Number(/^process_cpu_seconds_total(?:\{\})? ([\d.]+)/m.exec(text)?.[1]);
    const [before, began] = [cpu(await metrics()), performance.now()];
    await until(() => performance.now() - began > 2_000, 'a while');
    const share = (cpu(await metrics()) - before) / ((performance.now() - began) / 1_000);
    expect(share).toBeLessThan(0.05);
    expect(gateway.line('server stderr')).toMatchObject({ text: 'no database', upstream_server: 'default/a' });
    const caller = await Caller.connect(gateway, 'websocket');
    expect((await caller.work('x').promise).error).toBeDefined();
    caller.close();
    await gateway.stop();
  });
});
