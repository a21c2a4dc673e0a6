import type { Leg, Scenario } from '../scenarios/scenario.ts';

/** What stands between the generator and the echo server while a scenario runs. */
export interface RunningGateway extends AsyncDisposable {
  readonly url: string;
  /** The root of its process tree; none if there is nothing in between. */
  readonly pid?: number | undefined;
  /** Header lines that clients have to show. */
  readonly headers?: readonly string[];
  /** How long it took from the start of its process until it was ready. */
  readonly readyAfterMs?: number;
  /** Called between two rounds. */
  readonly tidy?: () => void;
}

/** A server that echoes. */
export interface EchoServer {
  readonly port: number;
  /** Where it is spoken to. Over stdio everybody starts one of their own. */
  url(transport: Exclude<Leg['transport'], 'stdio'>): string;
}

/** Where a gateway finds the servers, and keeps its files. */
export interface Place {
  readonly upstreams: readonly EchoServer[];
  /** One server with everything that they have: what is asked directly. */
  readonly whole: EchoServer;
  /** A directory of its own. */
  readonly directory: string;
}

/** Something that can stand there: one file for each. */
export interface GatewayAdapter {
  readonly name: string;
  /** Version of what is measured, for the report. */
  version(): string;
  /** Why it cannot be measured in a scenario, or undefined where it can. */
  refusal(scenario: Scenario): string | undefined;
  start(scenario: Scenario, place: Place): Promise<RunningGateway>;
}

/** Whether both sides of a gateway are spoken to alike, so that something that knows nothing of MCP can stand between. */
export function isAlike({ downstream, upstream }: Scenario): boolean {
  return downstream.transport === upstream.transport && downstream.era === upstream.era;
}
