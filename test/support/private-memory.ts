import { readFileSync } from 'node:fs';

/** MiB that belong to a process alone, without the binary and other pages that it shares. Linux only. */
export function privateMib(pid: number): number {
  const [, kib] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1_024;
}
