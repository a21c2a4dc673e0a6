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
  /** Bytes that are echoed, or that are to come back. */
  readonly bytes: number;
  /** Requests a second of all connections together; without it every reply starts the next call. */
  readonly rate?: number;
}

/** One way to load a gateway. */
export interface Scenario {
  /** How it is asked for on the command line. */
  readonly name: string;
  readonly title: string;
  readonly downstream: Leg;
  readonly upstream: Leg;
  readonly load: Load;
  readonly tls?: boolean;
}
