import { readdirSync, readFileSync } from 'node:fs';

/** What a process and everything it started has used. */
export interface Usage {
  /** Processor time, in microseconds. */
  readonly cpuUs: number;
  /** Resident memory, in KiB, pages shared with others included. */
  readonly rssKib: number;
  /** Resident memory, in KiB, that belongs to these processes alone. */
  readonly rssAnonKib: number;
}

/** Linux counts processor time in hundredths of a second, whatever the kernel's own clock. */
const US_PER_TICK = 10_000;

/**
 * Reads what a process tree has used until now. Linux only.
 *
 * @param except name of a program that is left out, with nothing said of what it started itself
 */
export function usageOf(rootPid: number, except?: string): Usage {
  const usages = treeOf(rootPid)
    .filter((pid) => except === undefined || read(`/proc/${pid}/comm`).trim() !== except)
    .map(usageOfOne);
  const sum = (key: keyof Usage) => usages.reduce((total, usage) => total + usage[key], 0);

  return { cpuUs: sum('cpuUs'), rssKib: sum('rssKib'), rssAnonKib: sum('rssAnonKib') };
}

/** The processes that a process started itself, and that are still there. */
export function childrenOf(parentPid: number): number[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.filter((pid) => Number(statOf(pid)[1]) === parentPid);
}

function treeOf(rootPid: number): number[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  const parents = new Map(pids.map((pid) => [pid, Number(statOf(pid)[1])]));

  const tree = [rootPid];
  // Grows while it is walked, until every descendant is in it.
  for (const parent of tree) tree.push(...pids.filter((pid) => parents.get(pid) === parent));
  return tree;
}

function usageOfOne(pid: number): Usage {
  const stat = statOf(pid);
  const status = read(`/proc/${pid}/status`);
  const kib = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);

  const ticks = Number(stat[11] ?? 0) + Number(stat[12] ?? 0);
  return { cpuUs: ticks * US_PER_TICK, rssKib: kib('VmRSS'), rssAnonKib: kib('RssAnon') };
}

/** The fields of a process from its state on: its name, which may contain anything, comes before them. */
function statOf(pid: number): string[] {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It ended meanwhile.
    return '';
  }
}
