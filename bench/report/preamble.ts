import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';

import type { Setting } from '../experiments/experiment.ts';
import { gateways } from '../gateways/index.ts';

/** How and where it was measured, in a few lines of Markdown. */
export function preamble(setting: Setting): string[] {
  const { seconds, warmUp, rounds } = setting.extent;
  const [cpu] = cpus();
  const versions = gateways(setting)
    .map((adapter) => `${adapter.name} ${versionOf(adapter.version)}`.trim())
    .join(', ');
  const guarded = 'API keys, policy, rate limits, metrics and the access log (to a file) are on.';
  return [
    `- Machine: ${cpus().length} × ${cpu?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}.`,
    `- Method: ${rounds} rounds of ${seconds} s after ${warmUp} s of warm-up, after one that does not count; in each round everybody in turn. What is measured is kept on core 0, generator and echo server on core 1. Figures are medians; ratios are of rounds that were run together, with the least and the greatest.`,
    `- The gateway: one worker unless it is said otherwise; ${setting.isGuarded ? guarded : 'without authentication, policy, limits, metrics and access log.'}`,
    `- Versions: ${versions}; commit ${commit()}.`,
  ];
}

function versionOf(ask: () => string): string {
  try {
    return ask();
  } catch {
    return '(not here)';
  }
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
