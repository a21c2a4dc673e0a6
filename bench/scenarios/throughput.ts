import { throughputOf } from './goal.ts';
import { alike, HTTP, type Load, type Scenario, WS } from './scenario.ts';

const PROXIES = ['direct', 'nginx', 'haproxy'];
const WS_PEERS = [...PROXIES, 'JSON.parse relay'];

function echo(connections: number, depth: number): Load {
  return { connections, depth, shape: 'echo', size: 100 };
}

function http(name: string, size: number, must: number, goal: number): Scenario {
  return alike(HTTP, {
    name: `http-${name}`,
    title: `Streamable HTTP, ${name} of text back, 32 connections`,
    load: { connections: 32, depth: 1, shape: 'text', size },
    against: PROXIES,
    goals: [throughputOf('nginx', must, goal)],
  });
}

function nested(name: string, size: number, must: number, goal: number): Scenario {
  return alike(WS, {
    name: `ws-nested-${name}`,
    title: `WebSocket, nested JSON of ${name} back, 32 × 1`,
    load: { connections: 32, depth: 1, shape: 'nested', size },
    against: WS_PEERS,
    goals: [throughputOf('nginx', must, goal)],
  });
}

/** Closed loops: how much goes through one worker. */
export const THROUGHPUT: readonly Scenario[] = [
  alike(WS, {
    name: 'ws-64x1',
    title: 'WebSocket, echo of 100 B, 64 × 1',
    load: echo(64, 1),
    against: [...WS_PEERS, 'supergateway'],
    goals: [throughputOf('nginx', 0.85, 1.1), throughputOf('JSON.parse relay', 2.4)],
  }),
  alike(WS, {
    name: 'ws-16x16',
    title: 'WebSocket, echo of 100 B, 16 × 16',
    load: echo(16, 16),
    against: WS_PEERS,
    goals: [throughputOf('nginx', 0.3, 0.6)],
  }),
  nested('10k', 10_240, 0.6, 0.9),
  nested('100k', 102_400, 0.5, 0.8),
  alike(HTTP, {
    name: 'http-100',
    title: 'Streamable HTTP, echo of 100 B, 32 connections',
    load: echo(32, 1),
    against: [...PROXIES, 'SDK v1 proxy', 'mcp-proxy', 'supergateway'],
    goals: [throughputOf('nginx', 0.48, 0.75), throughputOf('SDK v1 proxy', 8, 16), throughputOf('mcp-proxy', 4, 8)],
  }),
  http('10k', 10_240, 0.45, 0.65),
  http('100k', 102_400, 0.45, 0.85),
  http('1m', 1_048_576, 0.45, 0.9),
];
