import { Logger } from '@nestjs/common';

import { scriptedChild, scriptedHttp, scriptedWebSocket } from '../../test/contracts/upstream/scripted-servers.js';
import { exchangeWith } from '../../test/support/exchanges.js';
import { send, UpstreamBench, valueOf } from '../../test/support/upstream-bench.js';
import { until } from '../../test/support/until.js';
import { McpRequest } from '../core/message.js';
import { systemClock } from '../system-clock.js';

/** Whether a process is there and does something: a zombie is not. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('GroupManager', () => {
  let bench: UpstreamBench;
  const running: { stop(): Promise<void> }[] = [];

  beforeEach(async () => {
    bench = await UpstreamBench.create();
  });

  afterEach(async () => {
    await bench.close();
    await Promise.all(running.splice(0).map((server) => server.stop()));
  });

  async function webSocket(port?: number) {
    const server = await scriptedWebSocket(port);
    running.push(server);
    return server;
  }

  async function http(port?: number) {
    const server = await scriptedHttp(port);
    running.push(server);
    return server;
  }

  const portOf = (server: { settings: { url: string } }) => Number(new URL(server.settings.url).port);

  describe('building', () => {
    it('opens nothing before the groups are started', async () => {
      const server = await webSocket();
      const group = await bench.build([server.settings]);

      expect(group.view()).toMatchObject({
        name: 'crm',
        prefix: 'crm',
        path: '/mcp/crm',
        strategy: 'round_robin',
        servers: [{ id: 'crm-1', transport: 'websocket', weight: 100, state: { kind: 'connecting' }, peer: undefined }],
      });
      expect(server.clients.size).toBe(0);
    });

    it('says when no process is left for clients that need one of their own', async () => {
      const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
      const servers = [{ command: 'node' }, { command: 'node' }];
      await bench.build(servers, { maxChildren: 3 });
      expect(warn).not.toHaveBeenCalled();
      await bench.build(servers, { maxChildren: 2 });
      expect(warn).toHaveBeenCalledWith(expect.stringContaining('max_children is 2'));
      warn.mockRestore();
    });

    it('shows where a server is without its query', async () => {
      const group = await bench.build([
        { url: 'ws://127.0.0.1:9/mcp?token=secret' },
        { command: '/bin/cat', args: ['secret'] },
      ]);

      expect(group.view().servers.map(({ address }) => address)).toEqual(['ws://127.0.0.1:9/mcp', '/bin/cat']);
    });

    it('refuses a strategy that nobody knows', async () => {
      const groups = {
        crm: { strategy: 'p2c', prefix: undefined, isolation: 'auto' as const, onDrift: 'log' as const, servers: [] },
      };

      await expect(bench.build([], { groups })).rejects.toMatchObject({ code: 'config_invalid' });
    });
  });

  describe('a reload', () => {
    it('keeps the connections of servers that stay, and closes those of servers that go', async () => {
      const [staying, going] = [await webSocket(), await webSocket()];
      const before = await bench.start([staying.settings, going.settings]);
      await bench.up(before, 2);
      const [socket] = staying.clients;

      const after = await bench.start([{ ...staying.settings, weight: 7 }]);
      await bench.manager.retire([before], 1_000);

      expect(after.view().servers).toMatchObject([{ state: { kind: 'up' }, weight: 7, reconnects: 0 }]);
      expect([...staying.clients]).toEqual([socket]);
      expect(bench.names('server.retired')).toEqual([{ group: 'crm', server: 'crm-2' }]);
      await until(() => going.clients.size === 0, 'the connection to be closed');
    });

    it('knows the peer of a server that stays from the beginning', async () => {
      const server = await webSocket();
      await bench.up(await bench.start([server.settings]), 1);

      expect((await bench.build([server.settings])).peer).toMatchObject({ info: { name: 'scripted' } });
    });

    it('lets what is in flight on a server that goes finish', async () => {
      const server = await webSocket();
      const before = await bench.start([server.settings]);
      await bench.up(before, 1);
      const reply = valueOf(send(before, 'test/hold', { value: 'late' }));
      await until(() => server.peer.executed.includes('test/hold'), 'the request to arrive');

      const retired = bench.manager.retire([before], 5_000);
      expect(await valueOf(send(before, 'test/release'))).toBe('released');

      expect(await reply).toBe('late');
      await retired;
      expect(bench.names('server.retired')).toHaveLength(1);
    });

    it('does not wait for it beyond the deadline', async () => {
      const server = await webSocket();
      const before = await bench.start([server.settings]);
      await bench.up(before, 1);
      const reply = send(before, 'test/silent').catch((thrown: unknown) => thrown);
      await bench.manager.retire([before], 50);

      expect(await reply).toMatchObject({ code: 'upstream_unavailable' });
    });
  });

  describe('a server that is lost', () => {
    it('is started again after a SIGKILL, and what was not sent yet waits for it', async () => {
      const group = await bench.start([(await scriptedChild()).settings]);
      const first = Number(await valueOf(send(group, 'test/pid')));
      process.kill(first, 'SIGKILL');
      await until(() => group.view().servers[0]?.state.kind === 'connecting', 'the loss to be seen');

      const second = Number(await valueOf(send(group, 'test/pid')));

      expect(second).not.toBe(first);
      expect(group.view().servers[0]).toMatchObject({ state: { kind: 'up' }, reconnects: 1 });
    });

    it('takes everything it has started with it', async () => {
      const group = await bench.start([(await scriptedChild()).settings]);
      const child = Number(await valueOf(send(group, 'test/pid')));
      const grandchild = Number(await valueOf(send(group, 'test/spawn')));
      expect(isAlive(grandchild)).toBe(true);

      process.kill(child, 'SIGKILL');
      await until(() => !isAlive(grandchild), 'the grandchild to end');
    });

    it('is reached again when it is back', async () => {
      const server = await webSocket();
      const port = portOf(server);
      const group = await bench.start([server.settings]);
      await bench.up(group, 1);
      await running.pop()?.stop();
      await until(() => group.view().servers[0]?.state.kind === 'connecting', 'the loss to be seen');
      const reply = valueOf(send(group, 'test/echo', { value: 'back' }));
      await webSocket(port);

      expect(await reply).toBe('back');
    });

    it('is not waited for by somebody who is gone', async () => {
      const group = await bench.start([{ url: 'ws://127.0.0.1:1/' }]);
      const abort = new AbortController();
      const reply = send(group, 'test/echo', {}, { exchange: exchangeWith({ signal: abort.signal }) }).catch(
        (thrown: unknown) => thrown,
      );
      abort.abort();

      expect(await reply).toMatchObject({ code: 'exchange_cancelled' });
    });

    it('is waited for no longer than the deadline', async () => {
      const group = await bench.start([{ url: 'ws://127.0.0.1:1/' }]);
      const reply = send(group, 'test/echo', {}, { exchange: exchangeWith({ deadline: systemClock.now() + 100 }) });

      await expect(reply).rejects.toMatchObject({ code: 'upstream_unavailable' });
    });

    it('is said to be in a crash loop when it cannot stay up, and is still tried', async () => {
      const group = await bench.start([{ command: process.execPath, args: ['-e', 'process.exit(1)'] }], {
        reconnect: { min: 1, max: 2 },
      });
      const state = await until(() => {
        const state = group.view().servers[0]?.state;
        return state?.kind === 'down' && state;
      }, 'the crash loop to be seen');

      expect(state.reason).toMatch(/^crash loop/);
      await expect(send(group, 'test/echo')).rejects.toMatchObject({ code: 'upstream_unavailable' });
    });
  });

  it('starts children with nothing of our environment but what they need', async () => {
    process.env['GATEWAY_TEST_SECRET'] = 'x';
    const group = await bench.start([{ ...(await scriptedChild()).settings, env: { MINE: '1' } }]);
    const names = (await valueOf(send(group, 'test/environment'))) as string[];
    delete process.env['GATEWAY_TEST_SECRET'];

    expect(names).toContain('MINE');
    expect(names.filter((name) => !['PATH', 'HOME', 'LANG', 'TZ', 'MINE'].includes(name))).toEqual([]);
  });

  it('leaves no child behind when everything is closed', async () => {
    const group = await bench.start([(await scriptedChild()).settings]);
    const child = Number(await valueOf(send(group, 'test/pid')));
    const grandchild = Number(await valueOf(send(group, 'test/spawn')));
    await bench.manager.closeAll(0);

    await until(() => !isAlive(child) && !isAlive(grandchild), 'both to end');
  });

  describe('sending again', () => {
    it('never carries a tool call out twice', async () => {
      const servers = [await webSocket(), await webSocket()];
      for (const { peer } of servers) peer.breaking.add('tools/call');
      const group = await bench.start(servers.map(({ settings }) => settings));
      await bench.up(group, 2);

      await expect(send(group, 'tools/call', { name: 'x' })).rejects.toMatchObject({
        code: 'upstream_unavailable',
        data: { maybeExecuted: true },
      });
      expect(servers.flatMap(({ peer }) => peer.executed).filter((method) => method === 'tools/call')).toHaveLength(1);
    });

    it('asks another server where nothing can happen twice, once', async () => {
      const servers = [await webSocket(), await webSocket(), await webSocket()];
      for (const { peer } of servers) peer.breaking.add('resources/read');
      const group = await bench.start(servers.map(({ settings }) => settings));
      await bench.up(group, 3);

      await expect(send(group, 'resources/read')).rejects.toMatchObject({ code: 'upstream_unavailable' });
      const executed = servers.map(({ peer }) => peer.executed.filter((method) => method === 'resources/read').length);
      expect(executed.toSorted((a, b) => a - b)).toEqual([0, 1, 1]);
    });

    it('sends a tool call elsewhere when it certainly did not arrive', async () => {
      const servers = [await http(), await http()];
      const group = await bench.start(servers.map(({ settings }) => settings));
      await bench.up(group, 2);
      await running.shift()?.stop();

      for (let n = 0; n < 6; n++) expect(await valueOf(send(group, 'tools/call'))).toBeNull();
      expect(servers[1]?.peer.executed.filter((method) => method === 'tools/call')).toHaveLength(6);
    });

    it('goes on to the last server as long as nothing has arrived', async () => {
      const servers = [await http(), await http(), await http(), await http()];
      const group = await bench.start(servers.map(({ settings }) => settings));
      await bench.up(group, 4);
      for (const server of running.splice(0, 3)) await server.stop();

      expect(await Promise.all([send(group, 'tools/call'), send(group, 'tools/call')])).toHaveLength(2);
      expect(servers[3]?.peer.executed.filter((method) => method === 'tools/call')).toHaveLength(2);
    });

    it('announces every attempt', async () => {
      const servers = [await webSocket(), await webSocket()];
      servers[0]?.peer.breaking.add('resources/read');
      const group = await bench.start(servers.map(({ settings }) => settings));
      await bench.up(group, 2);
      const exchange = exchangeWith();
      await send(group, 'resources/read', {}, { exchange });

      expect(bench.names('attempt.finished')).toMatchObject([
        { group: 'crm', server: 'crm-1', status: 503 },
        { group: 'crm', server: 'crm-2', status: 200 },
      ]);
      expect(exchange.server).toEqual({ group: 'crm', server: 'crm-2' });
    });
  });

  it('gives a server with weight 0 nothing, and keeps it connected', async () => {
    const servers = [await webSocket(), await webSocket()];
    const group = await bench.start(servers.map(({ settings }, n) => ({ ...settings, weight: n * 50 })));
    await bench.up(group, 2);
    for (let n = 0; n < 4; n++) await send(group, 'test/echo');

    expect(servers[0]?.peer.executed).toEqual(['initialize']);
  });

  it('asks the server it prefers while that is up', async () => {
    const servers = [await webSocket(), await webSocket()];
    const group = await bench.start(servers.map(({ settings }) => settings));
    await bench.up(group, 2);
    const request = new McpRequest('tools/list', undefined);
    const deadline = systemClock.now() + 5_000;

    for (const preferred of ['crm-2', 'crm-2', 'crm-1']) {
      expect(await group.ask(request, { deadline, preferred })).toMatchObject({ server: preferred });
    }
  });

  it('hears of lists when a server is introduced anew', async () => {
    const server = await webSocket();
    const group = await bench.start([server.settings]);
    const heard: string[] = [];
    group.listen({ listChanged: (kind) => heard.push(kind) });
    await bench.up(group, 1);
    expect(heard).toEqual(['tools', 'prompts', 'resources']);
    for (const client of server.clients) client.send('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}');

    await until(() => heard.length === 4, 'the list to change');
    expect(heard[3]).toBe('tools');
  });

  it('tells a server the log level again when it comes back', async () => {
    const server = await webSocket();
    const group = await bench.start([server.settings]);
    await bench.up(group, 1);
    group.setLogLevel('warning');
    const count = () => server.peer.executed.filter((method) => method === 'logging/setLevel').length;
    await until(() => count() === 1, 'the level to be set');
    for (const client of server.clients) client.terminate();

    await until(() => count() === 2, 'the level to be set again');
  });

  it('resolves as soon as a server has been introduced, and at the deadline at the latest', async () => {
    const server = await webSocket();
    const group = await bench.start([server.settings]);
    await group.whenIntroduced(systemClock.now() + 5_000);
    expect(group.peer).toBeDefined();

    const lonely = await bench.build([{ url: 'ws://127.0.0.1:1/' }]);
    await lonely.whenIntroduced(systemClock.now() + 20);
    expect(lonely.peer).toBeUndefined();
  });

  it('keeps requests from a server that does not answer, and lets one try after a while', async () => {
    const server = await webSocket();
    const group = await bench.start([server.settings], {
      circuitBreaker: { enabled: true, failureThreshold: 2, openDuration: 200, maxOpenDuration: 1_000, jitter: 0 },
    });
    await bench.up(group, 1);
    const soon = () => exchangeWith({ deadline: systemClock.now() + 30 });
    for (let n = 0; n < 2; n++) {
      await expect(send(group, 'test/silent', {}, { exchange: soon() })).rejects.toMatchObject({
        code: 'upstream_timeout',
      });
    }
    await expect(send(group, 'test/echo')).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect(group.view().servers[0]?.breaker.kind).toBe('open');

    await until(
      () =>
        send(group, 'test/echo').then(
          () => true,
          () => false,
        ),
      'the trial',
    );
    expect(group.view().servers[0]?.breaker.kind).toBe('closed');
  });

  it('offers a server nothing while it does not answer its probes', async () => {
    const server = await webSocket();
    server.peer.mute.add('ping');
    const group = await bench.start([server.settings], {
      healthCheck: { enabled: true, interval: 20, timeout: 20, unhealthyThreshold: 2, healthyThreshold: 1, jitter: 0 },
    });
    await until(() => group.view().servers[0]?.state.kind === 'down', 'the verdict');
    server.peer.mute.clear();

    await bench.up(group, 1);
    expect(bench.names('probe.finished')).toContainEqual(expect.objectContaining({ healthy: false }));
  });
});
