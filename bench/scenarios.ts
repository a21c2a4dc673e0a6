/** One way to load the gateway. */
export interface Scenario {
  readonly name: string;
  readonly transport: 'ws' | 'http';
  readonly connections: number;
  /** Calls in flight on each connection. */
  readonly depth: number;
}

export const PAYLOAD_BYTES = 100;

/** Every scenario, in the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'WebSocket, 64 × 1', transport: 'ws', connections: 64, depth: 1 },
  { name: 'WebSocket, 16 × 16', transport: 'ws', connections: 16, depth: 16 },
  { name: 'HTTP, 32 × 1', transport: 'http', connections: 32, depth: 1 },
];
