import { cpuOf, perSecond } from './goal.ts';
import { alike, HTTP, type Leg, type Scenario, WS } from './scenario.ts';

function tls(leg: Leg): Scenario {
  return alike(leg, {
    name: `${leg.transport}-tls`,
    title: `${leg === WS ? 'WebSocket' : 'Streamable HTTP'} over TLS, echo of 100 B, 32 × 1`,
    load: { connections: 32, depth: 1, shape: 'echo', size: 100 },
    against: ['direct', 'mcp-gateway without TLS'],
    goals: [],
    isTls: true,
  });
}

function twoWorkers(leg: Leg): Scenario {
  return alike(leg, {
    name: `${leg.transport}-two-workers`,
    title: `${leg === WS ? 'WebSocket' : 'Streamable HTTP'}, two workers on one core, echo of 100 B, 64 × 1`,
    load: { connections: 64, depth: 1, shape: 'echo', size: 100 },
    against: ['direct', 'one worker'],
    goals: [cpuOf('one worker', 1.1, 1.05)],
    workers: 2,
  });
}

/** Lists, TLS and workers. */
export const SINGLE: readonly Scenario[] = [
  alike(WS, {
    name: 'list-1000',
    title: 'WebSocket, tools/list of 20 servers × 50 tools, 8 × 1',
    load: { connections: 8, depth: 1, shape: 'list', size: 1_000 },
    against: ['direct'],
    goals: [perSecond(2_500, 3_900)],
    catalog: { servers: 20, tools: 50 },
  }),
  tls(WS),
  tls(HTTP),
  twoWorkers(WS),
  twoWorkers(HTTP),
];
