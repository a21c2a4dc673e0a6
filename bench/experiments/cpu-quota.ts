import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PERIOD_US = 20_000;

/** A control group for one process, with a share of a core; and how it is called in cgroup v2 or v1. */
interface Hierarchy {
  readonly root: string;
  limit(group: string, quotaUs: number): void;
}

const V2: Hierarchy = {
  root: '/sys/fs/cgroup',
  limit: (group, quotaUs) => writeFileSync(join(group, 'cpu.max'), `${quotaUs} ${PERIOD_US}`),
};

const V1: Hierarchy = {
  root: '/sys/fs/cgroup/cpu',
  limit(group, quotaUs) {
    writeFileSync(join(group, 'cpu.cfs_period_us'), String(PERIOD_US));
    writeFileSync(join(group, 'cpu.cfs_quota_us'), String(quotaUs));
  },
};

function hierarchy(): Hierarchy | undefined {
  const controllers = join(V2.root, 'cgroup.controllers');
  if (existsSync(controllers) && readFileSync(controllers, 'utf8').includes('cpu')) return V2;
  return existsSync(join(V1.root, 'cpu.cfs_quota_us')) ? V1 : undefined;
}

/** Why processes cannot be given a share of a core here, or undefined where they can. */
export function quotaRefusal(): string | undefined {
  try {
    new CpuQuota('bench-trial', 0.2, [])[Symbol.dispose]();
    return undefined;
  } catch (error) {
    return `no CPU quota can be set here (cgroups, as root): ${(error as Error).message}`;
  }
}

/** Keeps processes to a share of a core, together, until it is disposed of; they have to have ended by then. */
export class CpuQuota implements Disposable {
  private readonly group: string;

  /** @throws Error where control groups cannot be written */
  constructor(name: string, share: number, pids: readonly number[]) {
    const found = hierarchy();
    if (!found) throw new Error('there is no cpu controller');
    this.group = join(found.root, `${name}-${process.pid}`);
    mkdirSync(this.group);
    try {
      found.limit(this.group, share * PERIOD_US);
      for (const pid of pids) writeFileSync(join(this.group, 'cgroup.procs'), String(pid));
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    rmdirSync(this.group);
  }
}
