import { latency } from './goal.ts';
import { alike, HTTP, type Leg, type Scenario, WS } from './scenario.ts';

function fixed(leg: Leg, rate: number): Scenario {
  const title = leg === WS ? 'WebSocket' : 'Streamable HTTP';
  return alike(leg, {
    name: `${leg.transport}-rate-${rate}`,
    title: `${title}, ${rate.toLocaleString('en')} requests a second over 32 connections`,
    load: { connections: 32, depth: leg === WS ? 4 : 1, shape: 'echo', size: 100, rate },
    against: ['direct', 'nginx', 'haproxy'],
    goals: [latency('p50Us', 'nginx', 60, 15), latency('p99Us', 'direct', 3_000)],
  });
}

/** Open loops: what a caller waits for, from the time at which its request was due. */
export const RATES: readonly Scenario[] = [
  fixed(WS, 1_000),
  fixed(WS, 5_000),
  fixed(HTTP, 1_000),
  fixed(HTTP, 5_000),
  alike(WS, {
    name: 'ws-rate-50000',
    title: 'WebSocket, 50,000 requests a second over 256 connections',
    load: { connections: 256, depth: 4, shape: 'echo', size: 100, rate: 50_000 },
    against: ['direct', 'nginx'],
    goals: [latency('p50Us', undefined, 1_000), latency('p99Us', 'direct', 5_000, 2_000)],
  }),
];
