import type { Leg, Load, Scenario } from './scenario.ts';

const WS: Leg = { transport: 'ws', era: 'legacy' };
const HTTP: Leg = { transport: 'http', era: 'legacy' };

function alike(name: string, title: string, leg: Leg, load: Load): Scenario {
  return { name, title, downstream: leg, upstream: leg, load };
}

const echo = (connections: number, depth: number): Load => ({ connections, depth, shape: 'echo', bytes: 100 });

/** Every scenario, in the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [
  alike('ws-64x1', 'WebSocket, 64 × 1', WS, echo(64, 1)),
  alike('ws-16x16', 'WebSocket, 16 × 16', WS, echo(16, 16)),
  alike('ws-nested-10k', 'WebSocket, nested 10 KB', WS, { connections: 16, depth: 1, shape: 'nested', bytes: 10_240 }),
  alike('ws-nested-100k', 'WebSocket, nested 100 KB', WS, {
    connections: 16,
    depth: 1,
    shape: 'nested',
    bytes: 102_400,
  }),
  alike('http-100', 'HTTP, 32 × 1', HTTP, echo(32, 1)),
  alike('http-10k', 'HTTP, 10 KB', HTTP, { connections: 32, depth: 1, shape: 'text', bytes: 10_240 }),
  alike('http-100k', 'HTTP, 100 KB', HTTP, { connections: 32, depth: 1, shape: 'text', bytes: 102_400 }),
  alike('http-1m', 'HTTP, 1 MB', HTTP, { connections: 32, depth: 1, shape: 'text', bytes: 1_048_576 }),
];
