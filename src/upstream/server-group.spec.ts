import { scriptedChild, scriptedWebSocket } from '../../test/contracts/upstream/scripted-servers.js';
import { exchangeWith } from '../../test/support/exchanges.js';
import { ForgetfulServer } from '../../test/support/forgetful-server.js';
import { TestHolder } from '../../test/support/holders.js';
import { send, UpstreamBench, valueOf } from '../../test/support/upstream-bench.js';
import { until } from '../../test/support/until.js';

let bench: UpstreamBench;
const running: { stop(): Promise<void> }[] = [];

beforeEach(async () => {
  bench = await UpstreamBench.create();
});

afterEach(async () => {
  await bench.close();
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

async function webSocket() {
  const server = await scriptedWebSocket();
  running.push(server);
  return server;
}

async function forgetful(): Promise<ForgetfulServer> {
  const server = await ForgetfulServer.start();
  running.push({ stop: () => server[Symbol.asyncDispose]() });
  return server;
}

describe('a session that the server has forgotten', () => {
  it('is opened once more for all calls of its holder, who never notice', async () => {
    const server = await forgetful();
    const group = await bench.start([{ url: server.url }]);
    await bench.up(group, 1);
    const holder = new TestHolder('a');
    const first = await valueOf(send(group, 'tools/call', {}, { holder }));
    server.forget();
    const values = await Promise.all(
      Array.from({ length: 10 }, () => valueOf(send(group, 'tools/call', {}, { holder }))),
    );

    expect(new Set(values).size).toBe(1);
    expect(values[0]).not.toBe(first);
    const own = server.heard.filter(
      ({ method, message }) => method === 'initialize' && JSON.stringify(message).includes('"roots"'),
    );
    expect(own).toHaveLength(2);
    expect([holder.losses, holder.renewals]).toEqual([['crm-1'], ['crm-1']]);
  });

  it('is introduced anew without the session header, and the request sent again on the new one', async () => {
    const server = await forgetful();
    const group = await bench.start([{ url: server.url }]);
    await bench.up(group, 1);
    const holder = new TestHolder('a');
    const first = await valueOf(send(group, 'tools/call', {}, { holder }));
    server.forget();
    const before = server.heard.length;
    const second = await valueOf(send(group, 'tools/call', { name: 'find' }, { holder }));

    expect(server.heard.slice(before)).toMatchObject([
      { method: 'tools/call', session: first },
      { method: 'initialize', session: undefined },
      { method: 'notifications/initialized', session: second },
      { method: 'tools/call', session: second, message: { params: { name: 'find' } } },
    ]);
  });

  it('is opened anew at once where everybody shares it', async () => {
    const server = await forgetful();
    const group = await bench.start([{ url: server.url }], { reconnect: { min: 600_000, max: 600_000 } });
    await bench.up(group, 1);
    server.forget();
    const values = await Promise.all(Array.from({ length: 5 }, () => valueOf(send(group, 'tools/call', {}))));

    expect(new Set(values).size).toBe(1);
    expect(server.count('initialize')).toBe(2);
    expect(bench.names('breaker.changed')).toEqual([]);
  });

  it('does not take the server out, however often it forgets', async () => {
    const server = await forgetful();
    const group = await bench.start([{ url: server.url }]);
    await bench.up(group, 1);
    for (let round = 0; round < 8; round++) {
      server.forget();
      await send(group, 'tools/call', {});
    }
    expect(group.view().servers[0]?.state.kind).toBe('up');
  });

  it('is not opened again and again for one request', async () => {
    const server = await forgetful();
    const group = await bench.start([{ url: server.url }]);
    await bench.up(group, 1);
    const holder = new TestHolder('a');
    await send(group, 'tools/call', {}, { holder });
    server.forgetsAtOnce = true;
    const before = server.count('initialize');

    await expect(send(group, 'tools/call', {}, { holder })).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect(server.count('initialize') - before).toBeLessThanOrEqual(2);
    expect(holder.losses.length).toBeLessThanOrEqual(3);
  });

  it('is known to keep something for each client', async () => {
    const [keeping, other] = [await forgetful(), await webSocket()];
    const group = await bench.start([{ url: keeping.url }]);
    const plain = await bench.start([other.settings]);
    await bench.up(group, 1);
    await bench.up(plain, 1);

    expect([group.keepsSessions, plain.keepsSessions]).toEqual([true, false]);
  });
});

describe('a holder', () => {
  it('stays on the server on which it has its session, until that is gone', async () => {
    const servers = [await webSocket(), await webSocket(), await webSocket()];
    const group = await bench.start(servers.map(({ settings }) => settings));
    await bench.up(group, 3);
    const holder = new TestHolder('a');
    for (let n = 0; n < 6; n++) await send(group, 'test/echo', {}, { holder });
    const [own] = group.view().servers.filter(({ sessions }) => sessions > 0);
    expect(group.view().servers.filter(({ sessions }) => sessions > 0)).toHaveLength(1);
    expect(own).toMatchObject({ requests: 6 });

    await servers[Number(own!.id.slice(-1)) - 1]!.stop();
    running.splice(Number(own!.id.slice(-1)) - 1, 1);
    await until(() => holder.losses.length > 0, 'the loss to be seen');
    await send(group, 'test/echo', {}, { holder });
    expect(group.view().servers.filter(({ sessions }) => sessions > 0)).not.toMatchObject([{ id: own!.id }]);
  });

  it('goes to the server that alone has what its request is about', async () => {
    const servers = [await webSocket(), await webSocket()];
    const group = await bench.start(servers.map(({ settings }) => settings));
    await bench.up(group, 2);
    const target = { group: 'crm', name: 'task-1', server: 'crm-2' };
    for (let n = 0; n < 3; n++) await send(group, 'test/echo', {}, { exchange: exchangeWith({ target }) });

    expect(group.view().servers.map(({ requests }) => requests)).toEqual([0, 3]);
  });

  it('tells every server on which it has a session', async () => {
    const server = await forgetful();
    const group = await bench.start([{ url: server.url }]);
    await bench.up(group, 1);
    const holder = new TestHolder('a');
    group.notify('notifications/roots/list_changed', undefined, holder);
    const own = await valueOf(send(group, 'tools/call', {}, { holder }));
    group.notify('notifications/roots/list_changed', undefined, holder);
    await until(() => server.count('notifications/roots/list_changed') > 0, 'the server to be told');

    const told = server.heard.filter(({ method }) => method === 'notifications/roots/list_changed');
    expect(told).toMatchObject([{ session: own }]);
  });
});

describe('a listener of a group', () => {
  it('hears of servers that come and go, and of resources that were updated', async () => {
    const server = await webSocket();
    const group = await bench.build([server.settings]);
    const heard: string[] = [];
    group.listen({
      serverIntroduced: (id) => heard.push(`introduced ${id}`),
      serverLost: (id) => heard.push(`lost ${id}`),
      resourceUpdated: (params, id) => heard.push(`${params.text('uri')} of ${id}`),
    });
    bench.manager.start([group]);
    await bench.up(group, 1);
    const updated = '{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"a:b"}}';
    for (const client of server.clients) client.send(updated);
    await until(() => heard.length === 2, 'the update');
    for (const client of server.clients) client.terminate();
    await until(() => heard.length === 4, 'the loss and the return');

    expect(heard).toEqual(['introduced crm-1', 'a:b of crm-1', 'lost crm-1', 'introduced crm-1']);
  });
});

describe('own sessions that are child processes', () => {
  it('never are more than there may be: the longest idle gives way', async () => {
    const group = await bench.start([(await scriptedChild()).settings], { maxChildren: 2 });
    await bench.up(group, 1);
    const first = Number(await valueOf(send(group, 'test/pid', {}, { holder: new TestHolder('a') })));
    const second = Number(await valueOf(send(group, 'test/pid', {}, { holder: new TestHolder('b') })));

    expect(second).not.toBe(first);
    // The first is gone before the second is started.
    expect(() => process.kill(first, 0)).toThrow(/ESRCH/);
    expect(bench.names('upstream_session.closed')).toMatchObject([{ why: 'evicted' }]);
  });

  it('end with the server', async () => {
    const group = await bench.start([(await scriptedChild()).settings]);
    const pid = Number(await valueOf(send(group, 'test/pid', {}, { holder: new TestHolder('a') })));
    await bench.manager.retire([group], 0);

    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
    expect(bench.names('upstream_session.closed')).toMatchObject([{ why: 'retired' }]);
  });
});
