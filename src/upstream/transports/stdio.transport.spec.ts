import { readFileSync } from 'node:fs';

import { Recorder } from '../../../test/contracts/upstream/recorder.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { settingsWith } from '../../../test/support/server-settings.js';
import { until } from '../../../test/support/until.js';
import type { Clock } from '../../core/clock.js';
import { Events } from '../../core/events.js';
import { requestFrame } from '../../protocol/index.js';
import { systemClock } from '../../system-clock.js';
import type { Wire } from '../wire.js';
import { StdioTransport } from './stdio.transport.js';
import { brisk } from '../../../test/support/brisk.ts';

const HELLO = `process.stdout.write('{"jsonrpc":"2.0","method":"hello","params":{"pid":' + process.pid + '}}\\n');`;

describe('StdioTransport', () => {
  let listener: Recorder;
  let wire: Wire;

  async function run(script: string, clock: Clock = systemClock, maxMessageBytes = 16_777_216): Promise<void> {
    listener = new Recorder();
    const settings = settingsWith({ command: process.execPath, args: ['-e', script], maxMessageBytes });
    wire = await new StdioTransport().open({ settings, clock, events: new Events(), era: 'legacy' }, listener);
  }

  function pidOfHello(): number | undefined {
    const [first] = listener.messages;
    return first?.incoming.kind === 'notification' ? Number(first.incoming.params?.object()['pid']) : undefined;
  }

  it('ends a child by closing its stdin', async () => {
    await run(`${HELLO} process.stdin.resume();`);
    await until(pidOfHello, 'the child');
    const began = performance.now();
    await wire.close();

    expect(performance.now() - began).toBeLessThan(brisk(1_500));
    expect(listener.over).toBeUndefined();
  });

  it('tells a child that takes no notice to end, and then makes it end', async () => {
    const clock = new ManualClock();
    await run(`process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1000); ${HELLO}`, clock);
    const pid = await until(pidOfHello, 'the child');
    const closed = wire.close();
    clock.advance(2_000);
    clock.advance(3_000);
    await closed;

    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('reads stderr however much comes, so that the child never stands still', async () => {
    await run(`process.stderr.write('x'.repeat(4_000_000), () => { ${HELLO} }); process.stdin.resume();`);

    await until(pidOfHello, 'the child to get through');
    await wire.close();
  });

  it('says that nothing was sent to a child that is gone, and lives', async () => {
    await run(`process.stdin.resume(); setTimeout(() => process.exit(0), 50);`);
    await until(() => listener.over, 'the end');

    expect(() => wire.send(requestFrame(1, 'ping'))).toThrow('has ended');
    await wire.close();
  });

  it('delivers what a child said just before it ended', async () => {
    await run(`${HELLO} process.exit(1);`);
    await until(() => listener.over, 'the end');

    expect(pidOfHello()).toBeGreaterThan(0);
    await wire.close();
  });

  it('survives writing to a child that reads nothing and ends', async () => {
    await run(`setTimeout(() => process.exit(0), 100);`);
    for (let id = 1; id <= 50; id++) wire.send(Buffer.alloc(100_000, 0x20), id);

    expect(await until(() => listener.over, 'the end')).toMatchObject({ code: 'upstream_unavailable' });
    await wire.close();
  });

  it('ends a child that is stopped and hears no signal', async () => {
    const clock = new ManualClock();
    await run(`${HELLO} process.stdin.resume();`, clock);
    const pid = await until(pidOfHello, 'the child');
    process.kill(pid, 'SIGSTOP');
    const closed = wire.close();
    clock.advance(2_000);
    clock.advance(3_000);
    await closed;

    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(clock.timers).toBe(0);
  });

  it.each([
    ['when it is closed', '', () => wire.close()],
    [
      'when it sends too much',
      `process.stdout.write('x'.repeat(100_000));`,
      () => until(() => listener.over, 'the end'),
    ],
    ['when it ends by itself', `setTimeout(() => process.exit(1), 20);`, () => until(() => listener.over, 'the end')],
  ])('leaves nothing of what a child started, %s', async (_, then, end) => {
    const family = `const { spawn } = require('node:child_process');
      const grandchild = spawn('sleep', ['600'], { stdio: 'inherit' });
      process.stdout.write('{"jsonrpc":"2.0","method":"hello","params":{"pid":' + grandchild.pid + '}}\\n');`;
    await run(`${family} process.stdin.resume().on('end', () => process.exit()); ${then}`, systemClock, 10_000);
    const pid = await until(pidOfHello, 'the grandchild');
    await end();

    await until(() => !isRunning(pid), 'the grandchild to be gone');
    await wire.close();
  });
});

/** A process that is only waited for by nobody counts as gone. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
