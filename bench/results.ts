import { cpus } from 'node:os';

import type { Extent, Outcome } from './measure.ts';
import { PAYLOAD_BYTES } from './scenarios.ts';

const HEADINGS = [
  'scenario',
  'direct rps',
  'gateway rps',
  'ratio',
  'direct p50 / p99 ms',
  'gateway p50 / p99 ms',
  'added p50 ms',
  'CPU µs / request',
  'RSS MiB',
  'RssAnon MiB',
];

/** The results as a Markdown page, ready to be kept. */
export function render(outcomes: readonly Outcome[], { seconds, rounds }: Extent): string {
  const rows = [HEADINGS, HEADINGS.map((_, at) => (at === 0 ? '---' : '---:')), ...outcomes.map(rowOf)];
  const [cpu] = cpus();

  return [
    `Node ${process.version}, ${cpus().length} × ${cpu?.model ?? 'unknown'}, ${PAYLOAD_BYTES} B payload,`,
    `medians of ${rounds} rounds of ${seconds} s, direct and through the gateway in turn.`,
    '',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}

function rowOf({ scenario, direct, gateway }: Outcome): string[] {
  const through = gateway && [
    count(gateway.perSecond),
    (gateway.perSecond / direct.perSecond).toFixed(2),
    `${ms(direct.p50Us)} / ${ms(direct.p99Us)}`,
    `${ms(gateway.p50Us)} / ${ms(gateway.p99Us)}`,
    ms(gateway.p50Us - direct.p50Us),
    gateway.cpuUsPerCall.toFixed(1),
    mib(gateway.usage.rssKib),
    mib(gateway.usage.rssAnonKib),
  ];
  const alone = ['-', '-', `${ms(direct.p50Us)} / ${ms(direct.p99Us)}`, '-', '-', '-', '-', '-'];

  return [scenario.name, count(direct.perSecond), ...(through ?? alone)];
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function ms(us: number): string {
  return (us / 1000).toFixed(2);
}

function mib(kib: number): string {
  return (kib / 1024).toFixed(0);
}
