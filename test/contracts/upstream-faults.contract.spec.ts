import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Logger } from '@nestjs/common';

import type { GatewayError } from '../../src/core/errors.js';
import { systemClock } from '../../src/system-clock.js';
import type { Group } from '../../src/upstream/index.js';
import { exchangeWith } from '../support/exchanges.ts';
import { until } from '../support/until.ts';
import { send, UpstreamBench, valueOf } from '../support/upstream-bench.ts';
import type { ScriptedServer } from './upstream/scripted-servers.ts';
import { TEST_BEDS } from './upstream/test-beds.ts';

/** How soon a server has to serve again after whatever it did. */
const RECOVERY_MS = 2_000;
const PATIENCE_MS = 300;
const MAX_MESSAGE_BYTES = 100_000;

describe.each(TEST_BEDS)('a server over $name', ({ start }) => {
  let server: ScriptedServer;
  let bench: UpstreamBench;
  let group: Group;

  beforeEach(async () => {
    Logger.overrideLogger(false);
    server = await start();
    bench = await UpstreamBench.create();
    group = await bench.start([server.settings], { maxMessageBytes: MAX_MESSAGE_BYTES });
    await bench.up(group, 1);
  });

  afterEach(async () => {
    await bench.close();
    await server.stop();
  });

  /** What comes of a request: what was replied, or the code of the failure. */
  async function outcome(method: string, params: object = {}, patience = PATIENCE_MS): Promise<unknown> {
    const exchange = exchangeWith({ deadline: systemClock.now() + patience });
    return valueOf(send(group, method, params, { exchange })).catch((error: unknown) => (error as GatewayError).code);
  }

  async function recovered(): Promise<void> {
    await until(async () => (await outcome('test/echo', { value: 'well' })) === 'well', 'an answer', RECOVERY_MS);
    await until(() => group.view().servers[0]?.pending === 0, 'nothing to be in flight', RECOVERY_MS);
  }

  it.each([
    ['answers nothing', 'test/silent', 'upstream_timeout'],
    ['answers another request', 'test/wrong', 'upstream_timeout'],
    ['answers twice', 'test/double', 'mine'],
    ['answers what nobody asked', 'test/unsolicited', 'mine'],
    ['talks garbage', 'test/garbage', 'after all'],
    ['says much before it answers', 'test/notify', 'done'],
  ])('that %s: one answer, and the next one is right', async (_, method, expected) => {
    const asked = outcome(method, { value: 'mine', count: 500 }, expected === 'upstream_timeout' ? PATIENCE_MS : 5_000);
    const beside = outcome('test/echo', { value: 'beside' }, 5_000);

    expect(await asked).toBe(expected);
    expect(await beside).toBe('beside');
    await recovered();
  });

  it.each([
    ['breaks off', 'test/break', ['upstream_unavailable']],
    ['says more than is allowed', 'test/large', ['upstream_unavailable', 'upstream_protocol_error']],
  ])('that %s: every request in flight fails once, and the next one is answered', async (_, method, expected) => {
    const asked = await Promise.all([1, 2, 3].map(() => outcome(method, { bytes: 4 * MAX_MESSAGE_BYTES }, 5_000)));

    for (const said of asked) expect(expected).toContain(said);
    await recovered();
  });

  it('that stands still: nobody waits longer than allowed, and it serves again when it moves on', async () => {
    const { peer } = server;
    const pid = peer ? undefined : Number(await outcome('test/pid'));
    expect(await outcome(peer ? 'test/freeze' : 'test/stop')).toBe('upstream_timeout');
    expect(await outcome('test/echo', { value: 'frozen' })).toBe('upstream_timeout');
    if (peer) peer.frozen = false;
    else process.kill(pid ?? 0, 'SIGCONT');

    await recovered();
  });
});

describe('a server that cannot start', () => {
  it('is taken as soon as it can', async () => {
    Logger.overrideLogger(false);
    const folder = await mkdtemp(join(tmpdir(), 'start-'));
    const permit = join(folder, 'permit');
    const server = join(import.meta.dirname, 'upstream/scripted-stdio.ts');
    const script = `require('node:fs').existsSync(${JSON.stringify(permit)}) ? import(${JSON.stringify(server)}) : process.exit(3)`;
    const bench = await UpstreamBench.create();
    const group = await bench.start([{ command: process.execPath, args: ['-e', script] }]);
    await until(() => bench.names('server.changed').length > 1, 'the first failure');
    await writeFile(permit, '');
    await bench.up(group, 1);

    expect(await valueOf(send(group, 'test/echo', { value: 'here' }))).toBe('here');
    await bench.close();
    await rm(folder, { recursive: true });
  });
});
