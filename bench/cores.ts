import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** On one core is what is measured, on the other everything that measures it. No number: wherever the system likes. */
export const CORES: { readonly measured: number | undefined; readonly measuring: number | undefined } =
  pairOf(allowed());

function pairOf(cores: readonly number[]): typeof CORES {
  const canPin = cores.length > 1 && spawnSync('taskset', ['-V']).status === 0;
  return canPin ? { measured: cores[0], measuring: cores.at(-1) } : { measured: undefined, measuring: undefined };
}

/** The cores that this process may use: not all, in a container. */
function allowed(): number[] {
  try {
    const [, list = ''] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return list.split(',').flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, at) => first + at);
    });
  } catch {
    return [];
  }
}

/** A command that keeps to a core. */
export function pinned(command: readonly string[], core: number | undefined): readonly string[] {
  return core === undefined ? command : ['taskset', '-c', String(core), ...command];
}
