import { once } from 'node:events';
import { WebSocket } from 'ws';

import { connect } from '../support/clients.ts';
import { EPHEMERAL, startGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';

const BASIC = `
[[upstream.groups.default.servers]]
command = "node"
args = ["examples/basic/src/server.ts"]
`;

const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('SIGTERM', () => {
  it('finishes what is in flight, closes WebSockets with 1001, stops the children and exits with 0', async () => {
    const gateway = await (await startGateway(EPHEMERAL + BASIC)).ready();
    const clients = [await connect(gateway, 'websocket'), await connect(gateway, 'streamable_http')] as const;
    const idle = new WebSocket(gateway.wsUrl, 'mcp');
    await once(idle, 'open');
    const { structuredContent } = await clients[0].callTool({ name: 'server_info', arguments: {} });
    const child = (structuredContent as { pid: number }).pid;

    const started = clients.map(() => Promise.withResolvers<void>());
    const calls = clients.map((client, n) =>
      client.callTool({ name: 'count_down', arguments: { from: 15, interval_ms: 100 } }, undefined, {
        onprogress: () => started[n]!.resolve(),
      }),
    );
    await Promise.all(started.map(({ promise }) => promise));
    const closed = once(idle, 'close');
    gateway.process.kill('SIGTERM');

    const readiness = await until(
      () =>
        fetch(new URL('/readiness', gateway.url)).then(
          (response) => response.status === 503,
          () => false,
        ),
      'readiness to turn 503',
      2_000,
    );
    expect(readiness).toBe(true);
    expect(await Promise.all(calls)).toHaveLength(2);
    expect((await closed)[0]).toBe(1001);
    expect(await gateway.stop()).toBe(0);
    expect(alive(child)).toBe(false);
  });

  it('does not wait longer than shutdown_timeout', async () => {
    const gateway = await (
      await startGateway(`[server]\nport = 0\nshutdown_timeout = "300ms"\n[metrics]\nport = 0\n${BASIC}`)
    ).ready();
    const client = await connect(gateway, 'websocket');
    const started = Promise.withResolvers<void>();
    const call = client.callTool({ name: 'count_down', arguments: { from: 1_000, interval_ms: 100 } }, undefined, {
      onprogress: () => started.resolve(),
    });
    await started.promise;
    const lost = expect(call).rejects.toThrow();

    expect(await gateway.stop()).toBe(0);
    await lost;
  });
});

describe('SIGKILL', () => {
  it('leaves no child behind', async () => {
    const gateway = await (await startGateway(EPHEMERAL + BASIC)).ready();
    const client = await connect(gateway, 'streamable_http');
    const { structuredContent } = await client.callTool({ name: 'server_info', arguments: {} });
    const child = (structuredContent as { pid: number }).pid;

    await gateway.stop('SIGKILL');

    await until(() => !alive(child), 'the child to notice the end of its input');
  });
});
