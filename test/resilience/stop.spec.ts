import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { dirname, join } from 'node:path';

import { WebSocket } from 'ws';

import { BIN, EPHEMERAL, ROOT, startGateway } from '../support/gateway.ts';
import { until } from '../support/until.ts';
import { Caller } from './support/caller.ts';
import { isAlive, Tallied } from './support/tallied.ts';
import { brisk } from '../support/brisk.ts';

describe('a stop', () => {
  async function timed(stop: () => Promise<number | null>): Promise<{ code: number | null; ms: number }> {
    const began = performance.now();
    const code = await stop();
    return { code, ms: performance.now() - began };
  }

  it('does not wait for a child that never introduces itself', async () => {
    const server = await Tallied.prepare('stdio', 'mute');
    const gateway = await startGateway(EPHEMERAL + server.toml('a'));
    const pid = await until(() => server.pid, 'the child');
    const { code, ms } = await timed(() => gateway.stop());

    expect(code).toBe(0);
    expect(ms).toBeLessThan(brisk(2_000));
    expect(isAlive(pid)).toBe(false);
  });

  it('does not wait for a server that accepts connections and says nothing', async () => {
    const server = await Tallied.start('ws');
    server.signal('SIGSTOP');
    const gateway = await startGateway(EPHEMERAL + server.toml('a'));
    const { code, ms } = await timed(() => gateway.stop());

    expect(code).toBe(0);
    expect(ms).toBeLessThan(brisk(2_500));
    server.signal('SIGCONT');
    await server.stop();
  });

  it.concurrent.each([['up'], ['mute']])(
    'ends a child that ignores everything (%s), and what that has started',
    async (trait) => {
      const server = await Tallied.prepare('stdio', 'ignore-end', trait);
      const gateway = await startGateway(EPHEMERAL + server.toml('a'));
      const pids = [await until(() => server.pid, 'the child')];
      if (trait === 'up') {
        await gateway.ready();
        const caller = await Caller.connect(gateway, 'websocket');
        const reply = await caller.work('g', { act: 'grandchild' }).promise;
        pids.push(Number(reply.result!.content[0]!.text));
        caller.close();
      }
      expect(pids.map(isAlive)).toEqual(pids.map(() => true));
      const { code, ms } = await timed(() => gateway.stop());

      expect(code).toBe(0);
      expect(ms).toBeLessThan(brisk(6_500));
      await until(() => !pids.some(isAlive), 'all of them to be gone');
    },
  );

  it('asked for twice, and during a reload, happens once and ends with 0', async () => {
    const server = await Tallied.prepare('stdio');
    const gateway = await (await startGateway(EPHEMERAL + server.toml('a'))).ready();
    gateway.rewrite(EPHEMERAL + server.toml('b'));
    gateway.process.kill('SIGHUP');
    gateway.process.kill('SIGTERM');
    gateway.process.kill('SIGTERM');
    gateway.process.kill('SIGHUP');
    const { code, ms } = await timed(() => gateway.stop());

    expect(code).toBe(0);
    expect(ms).toBeLessThan(brisk(4_000));
    const pids = server.read().flatMap(({ started }) => started ?? []);
    await until(() => !pids.some(isAlive), 'the children to be gone');
  });

  it.each([100, 300, 400, 500, 600, 800])(
    'that comes %i ms after the start ends with 0 and leaves nothing behind',
    async (afterMs) => {
      const server = await Tallied.prepare('stdio', 'ignore-end', 'mute');
      const file = join(dirname(server.notes), 'gateway.toml');
      writeFileSync(file, EPHEMERAL + server.toml('a'));
      const child = spawn(process.execPath, [BIN, '--config', file], { cwd: ROOT, stdio: 'ignore' });
      const exited = once(child, 'exit');
      const began = performance.now();
      await until(() => performance.now() - began >= afterMs, 'the moment');
      child.kill('SIGTERM');
      const [code, signal] = (await exited) as [number | null, string | null];

      // Before the first line of ours runs nobody can listen, and there is nothing to be left behind.
      const pids = server.read().flatMap(({ started }) => started ?? []);
      if (signal !== 'SIGTERM' || pids.length > 0) expect([code, signal]).toEqual([0, null]);
      expect(performance.now() - began).toBeLessThan(brisk(7_500));
      await until(() => !pids.some(isAlive), 'the children to be gone');
    },
  );

  it.concurrent('is bounded whatever clients do that are connected', async () => {
    const server = await Tallied.prepare('stdio');
    const gateway = await (
      await startGateway(`[server]\nport = 0\nshutdown_timeout = "500ms"\n[metrics]\nport = 0\n${server.toml('a')}`)
    ).ready();
    const port = Number(new URL(gateway.url).port);
    const silent = connectTcp(port, '127.0.0.1').on('error', () => undefined);
    const slow = connectTcp(port, '127.0.0.1').on('error', () => undefined);
    slow.write(
      'POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
    );
    const scraper = connectTcp(Number(new URL(gateway.metricsUrl).port), '127.0.0.1').on('error', () => undefined);
    const deaf = new WebSocket(gateway.wsUrl, 'mcp');
    deaf.on('error', () => undefined);
    await once(deaf, 'open');
    deaf.pause();
    const caller = await Caller.connect(gateway, 'websocket');
    const call = caller.work('long', { ms: 60_000 });
    await until(() => server.executions('long') === 1, 'the call to run');
    const ready = () =>
      fetch(new URL('/readiness', gateway.url)).then(
        (response) => response.status,
        () => 0,
      );
    expect(await ready()).toBe(200);
    gateway.process.kill('SIGTERM');
    await until(async () => (await ready()) === 503, 'readiness to turn 503', 450);
    const { code, ms } = await timed(() => gateway.stop());

    expect(code).toBe(0);
    expect(ms).toBeLessThan(brisk(8_500));
    expect((await call.promise).error).toMatchObject({ data: { reason: 'gateway_draining' } });
    for (const socket of [silent, slow, scraper]) socket.destroy();
    deaf.terminate();
    caller.close();
  });
});

describe('a start that fails', () => {
  it('ends soon and leaves no child behind', async () => {
    const blocker = await Tallied.start('http');
    const server = await Tallied.prepare('stdio', 'mute');
    const file = join(dirname(server.notes), 'gateway.toml');
    writeFileSync(file, `[server]\nport = ${blocker.port}\n[metrics]\nport = 0\n${server.toml('a')}`);
    const began = performance.now();
    const child = spawn(process.execPath, [BIN, '--config', file], { cwd: ROOT, stdio: 'ignore' });
    const [code] = (await once(child, 'exit')) as [number | null];

    expect(code).toBe(1);
    expect(performance.now() - began).toBeLessThan(brisk(4_500));
    const pids = server.read().flatMap(({ started }) => started ?? []);
    await until(() => !pids.some(isAlive), 'the children to be gone');
    await blocker.stop();
  });
});
