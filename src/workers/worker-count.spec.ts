import { availableParallelism } from 'node:os';

import { cpuQuota, usableProcessors, workerCount } from './worker-count.js';

const files = (known: Record<string, string>) => (file: string) => known[file] ?? '';

describe('the number of workers', () => {
  it('is what is configured', () => {
    expect(workerCount(3)).toBe(3);
    expect(workerCount('auto')).toBeGreaterThanOrEqual(1);
    expect(workerCount('auto')).toBeLessThanOrEqual(availableParallelism());
  });

  it.each([
    [undefined, 8, 8],
    [2.5, 8, 2],
    [0.2, 8, 1],
    [16, 4, 4],
  ])('is %s of a quota and %i processors: %i', (quota, available, expected) => {
    expect(usableProcessors(quota, available)).toBe(expected);
  });
});

describe('the quota of the control group', () => {
  it('is that of the second version, of the group or any above it', () => {
    const known = {
      '/proc/self/cgroup': '0::/pod/gateway\n',
      '/sys/fs/cgroup/pod/cpu.max': '150000 100000\n',
      '/sys/fs/cgroup/pod/gateway/cpu.max': 'max 100000\n',
    };
    expect(cpuQuota(files(known))).toBe(1.5);
  });

  it('is that of the first version', () => {
    const known = {
      '/proc/self/cgroup': '4:cpu,cpuacct:/docker/1\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '300000\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      '/sys/fs/cgroup/cpu/docker/1/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu/docker/1/cpu.cfs_period_us': '100000\n',
    };
    expect(cpuQuota(files(known))).toBe(3);
  });

  it('is none where nobody says so', () => {
    expect(cpuQuota(files({}))).toBeUndefined();
    expect(cpuQuota(files({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': 'max 100000' }))).toBeUndefined();
  });
});
