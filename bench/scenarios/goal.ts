import type { LoadReport } from '../generator.ts';

/** One round of one gateway. */
export interface Round extends LoadReport {
  /** Processor time of its process tree for each reply, in microseconds. */
  readonly cpuUsPerReply: number;
}

/** The rounds that were run at the same time, by the name of the gateway. */
export type Rounds = Readonly<Record<string, Round | undefined>>;

/** Something that the gateway has to be, in numbers. */
export interface Goal {
  readonly what: string;
  /** The number, of the rounds that were run together; NaN if it was not measured. */
  readonly of: (rounds: Rounds) => number;
  readonly unit: '×' | 'µs' | 'ms' | 's' | '/s' | 'MiB' | 'KiB' | '';
  /** Whether more is better. */
  readonly isFloor: boolean;
  readonly must: number;
  readonly goal?: number;
}

/** The name of ours, in the same rounds as the others. */
export const OURS = 'mcp-gateway';

type Figure = 'perSecond' | 'p50Us' | 'p99Us' | 'cpuUsPerReply';

function figure(rounds: Rounds, gateway: string, key: Figure): number {
  return rounds[gateway]?.[key] ?? Number.NaN;
}

/** At least so much of the throughput of another gateway. */
export function throughputOf(other: string, must: number, goal?: number): Goal {
  return {
    what: `throughput against ${other}`,
    of: (rounds) => figure(rounds, OURS, 'perSecond') / figure(rounds, other, 'perSecond'),
    unit: '×',
    isFloor: true,
    must,
    ...(goal === undefined ? {} : { goal }),
  };
}

/** At least so many replies a second. */
export function perSecond(must: number, goal: number): Goal {
  return {
    what: 'replies a second',
    of: (rounds) => figure(rounds, OURS, 'perSecond'),
    unit: '/s',
    isFloor: true,
    must,
    goal,
  };
}

/** At most so much processor time for a reply, against another gateway. */
export function cpuOf(other: string, must: number, goal: number): Goal {
  return {
    what: `CPU a reply against ${other}`,
    of: (rounds) => figure(rounds, OURS, 'cpuUsPerReply') / figure(rounds, other, 'cpuUsPerReply'),
    unit: '×',
    isFloor: false,
    must,
    goal,
  };
}

/** At most so much latency, in microseconds, over that of another gateway; or at all, without one. */
export function latency(key: 'p50Us' | 'p99Us', other: string | undefined, must: number, goal?: number): Goal {
  const name = key === 'p50Us' ? 'p50' : 'p99';
  return {
    what: other === undefined ? name : `${name} over that of ${other}`,
    of: (rounds) => figure(rounds, OURS, key) - (other === undefined ? 0 : figure(rounds, other, key)),
    unit: 'µs',
    isFloor: false,
    must,
    ...(goal === undefined ? {} : { goal }),
  };
}
