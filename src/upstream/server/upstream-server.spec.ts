import { scriptedHttp, scriptedWebSocket } from '../../../test/contracts/upstream/scripted-servers.js';
import { exchangeWith } from '../../../test/support/exchanges.js';
import { send, UpstreamBench, valueOf } from '../../../test/support/upstream-bench.js';
import { until } from '../../../test/support/until.js';
import { systemClock } from '../../system-clock.js';

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

async function http(port?: number) {
  const server = await scriptedHttp(port);
  running.push(server);
  return server;
}

describe('a server that goes', () => {
  it('announces that a server is gone only when no other of its name is there', async () => {
    const server = await webSocket();
    const before = await bench.start([server.settings]);
    await bench.up(before, 1);
    const after = await bench.start([server.settings], { maxInFlight: 7 });
    await bench.up(after, 1);
    await bench.manager.retire([before], 0);
    expect(bench.names('server.retired')).toEqual([]);

    await bench.manager.retire([after], 0);
    expect(bench.names('server.retired')).toEqual([{ group: 'crm', server: 'crm-1' }]);
  });

  it('says nothing of servers that were never started', async () => {
    const server = await webSocket();
    const before = await bench.start([server.settings]);
    await bench.up(before, 1);
    const announced = bench.announced.length;
    const after = await bench.build([server.settings], { maxInFlight: 7 });
    await bench.manager.retire([after], 5_000);

    expect(bench.announced.slice(announced)).toEqual([]);
  });

  it('starts nothing again that is on its way out', async () => {
    const server = await webSocket();
    const before = await bench.start([server.settings]);
    await bench.up(before, 1);
    const reply = send(before, 'test/hold').catch((thrown: unknown) => thrown);
    await until(() => server.peer.executed.includes('test/hold'), 'the request to arrive');
    const retired = bench.manager.retire([before], 5_000);
    for (const client of server.clients) client.terminate();

    expect(await reply).toMatchObject({ code: 'upstream_unavailable' });
    await retired;
    expect(server.peer.executed.filter((method) => method === 'initialize')).toHaveLength(1);
  });

  it('can be told to be quicker about what goes', async () => {
    const server = await webSocket();
    const before = await bench.start([server.settings]);
    await bench.up(before, 1);
    const reply = send(before, 'test/silent').catch((thrown: unknown) => thrown);
    const retired = bench.manager.retire([before], 600_000);
    await bench.manager.closeAll(0);

    expect(await reply).toMatchObject({ code: 'upstream_unavailable' });
    await retired;
  });

  it('has the last attempt before the end of a server', async () => {
    const server = await webSocket();
    const before = await bench.start([server.settings]);
    await bench.up(before, 1);
    const reply = send(before, 'resources/read').catch((thrown: unknown) => thrown);
    server.peer.mute.add('resources/read');
    await bench.manager.retire([before], 50);
    await reply;

    const names = bench.announced.map(({ name }) => name);
    expect(names.lastIndexOf('attempt.finished')).toBeLessThan(names.indexOf('server.retired'));
  });
});

describe('a server in doubt', () => {
  it('is asked at once whether it is there when one of its connections has broken', async () => {
    const server = await http();
    const port = Number(new URL(server.settings.url).port);
    const group = await bench.start([server.settings]);
    await bench.up(group, 1);
    const calls = Array.from({ length: 8 }, () => send(group, 'test/hold').catch((thrown: unknown) => thrown));
    await until(() => server.peer.executed.filter((method) => method === 'test/hold').length === 8, 'the calls');
    await running.pop()?.stop();
    for (const call of calls) expect(await call).toMatchObject({ code: 'upstream_unavailable' });
    await until(() => group.view().servers[0]?.state.kind === 'connecting', 'the loss to be seen');
    await http(port);

    expect(await valueOf(send(group, 'test/echo', { value: 'back' }))).toBe('back');
  });

  it('is not kept when it reads nothing any more', async () => {
    const peer = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'x', version: '1' } };
    const hello = JSON.stringify({ jsonrpc: '2.0', id: 1, result: peer });
    const deaf = '{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"is:deaf"}}';
    const script = `read line; echo '${hello}'; read line; exec 0<&-; echo '${deaf}'; exec sleep 600`;
    const group = await bench.build([{ command: 'sh', args: ['-c', script] }]);
    let isDeaf = false;
    group.listen({ resourceUpdated: () => (isDeaf = true) });
    bench.manager.start([group]);
    await until(() => isDeaf, 'the server to close its ear');
    const exchange = exchangeWith({ deadline: systemClock.now() + 5_000 });

    await expect(send(group, 'tools/call', {}, { exchange })).rejects.toMatchObject({ code: 'upstream_unavailable' });
    await until(() => (group.view().servers[0]?.reconnects ?? 0) > 0, 'another child');
  });
});
