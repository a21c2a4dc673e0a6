import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { usageOf } from './process-tree.ts';

describe.runIf(process.platform === 'linux')('usage of a process tree', () => {
  it('agrees with what the process itself knows', () => {
    const { user, system } = process.cpuUsage();
    const { cpuUs, rssKib, rssAnonKib } = usageOf(process.pid);

    expect(Math.abs(cpuUs - user - system)).toBeLessThan(200_000);
    expect(rssAnonKib).toBeGreaterThan(0);
    expect(rssKib).toBeGreaterThan(rssAnonKib);
  });

  it('counts what a process started', async () => {
    const alone = usageOf(process.pid).rssKib;
    const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)']);
    await once(child.stdout, 'data');

    const together = usageOf(process.pid).rssKib;
    child.kill('SIGKILL');

    expect(together - alone).toBeGreaterThan(10_000);
  });

  it('is nothing for a process that is gone', () => {
    expect(usageOf(2 ** 30)).toEqual({ cpuUs: 0, rssKib: 0, rssAnonKib: 0 });
  });
});
