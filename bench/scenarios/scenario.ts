import type { Goal } from './goal.ts';

/** How one side of a gateway is spoken to. */
export interface Leg {
  readonly transport: 'ws' | 'http' | 'unix' | 'stdio';
  readonly era: 'legacy' | 'modern';
}

/** What is asked for: the own text back, text or records of a size, or the list of tools. */
export type Shape = 'echo' | 'text' | 'nested' | 'list';

/** A load that the generator makes. */
export interface Load {
  readonly connections: number;
  /** Requests in flight on each connection, at most. */
  readonly depth: number;
  readonly shape: Shape;
  /** Bytes that are echoed, or that are to come back; the number of tools of a list. */
  readonly size: number;
  /** Requests a second of all connections together; without it every reply starts the next call. */
  readonly rate?: number;
}

/** One way to load gateways. */
export interface Scenario {
  /** How it is asked for on the command line. */
  readonly name: string;
  readonly title: string;
  readonly downstream: Leg;
  readonly upstream: Leg;
  readonly load: Load;
  /** Names of what stands beside the gateway. */
  readonly against: readonly string[];
  readonly goals: readonly Goal[];
  /** Whether clients come over TLS. */
  readonly isTls?: boolean;
  /** Worker processes of the gateway; its default otherwise. */
  readonly workers?: number;
  /** Servers behind the gateway, where there is not one that echoes: how many, and tools of each. */
  readonly catalog?: { readonly servers: number; readonly tools: number };
}

/** A scenario whose two sides are alike. */
export function alike(leg: Leg, rest: Omit<Scenario, 'downstream' | 'upstream'>): Scenario {
  return { ...rest, downstream: leg, upstream: leg };
}

export const WS: Leg = { transport: 'ws', era: 'legacy' };
export const HTTP: Leg = { transport: 'http', era: 'legacy' };
