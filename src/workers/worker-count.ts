import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Asks the system for as many as there are processors for us. */
export const AUTO = 'auto';

/** How many workers a value of `[server] workers` means. */
export function workerCount(configured: number | typeof AUTO): number {
  return configured === AUTO ? usableProcessors(cpuQuota(), availableParallelism()) : configured;
}

/** A quota that is not whole is used up by the next smaller number; whatever is left of it is for the primary. */
export function usableProcessors(quota: number | undefined, available: number): number {
  return Math.max(1, Math.min(available, Math.floor(quota ?? available)));
}

/** Where control groups of the first version and the second have their files, as containers see them. */
const ROOT = '/sys/fs/cgroup';

/** How many processors the control group of this process may use; undefined where it is not limited. */
export function cpuQuota(read: (file: string) => string = readText): number | undefined {
  const groups = parsedGroups(read('/proc/self/cgroup'));
  const unified = lineage(groups.get('')).map((path) => quotaOf(...words(read(`${ROOT}${path}/cpu.max`))));
  const separate = lineage(groups.get('cpu')).map((path) => {
    const directory = `${ROOT}/cpu${path}`;
    return quotaOf(read(`${directory}/cpu.cfs_quota_us`).trim(), read(`${directory}/cpu.cfs_period_us`).trim());
  });
  const quotas = [...unified, ...separate].filter((quota) => quota !== undefined);
  return quotas.length > 0 ? Math.min(...quotas) : undefined;
}

/** The path of our group by controller; that of the second version has none. */
function parsedGroups(text: string): ReadonlyMap<string, string> {
  const rows = text.split('\n').flatMap((line) => {
    const [, controllers = '', path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    return path === undefined ? [] : controllers.split(',').map((name) => [name, path] as const);
  });
  return new Map(rows);
}

/** A group and all above it: each may have a quota. */
function lineage(path = '/'): string[] {
  const steps = path.split('/').filter(Boolean);
  return ['', ...steps.map((_, n) => `/${steps.slice(0, n + 1).join('/')}`)];
}

function quotaOf(quota = '', period = ''): number | undefined {
  const processors = Number(quota) / Number(period);
  return quota !== '' && period !== '' && processors > 0 && Number.isFinite(processors) ? processors : undefined;
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
