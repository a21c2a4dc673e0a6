import type { Socket } from 'node:net';

import type { LaneRequest } from './lane-request.js';
import type { LaneResponse } from './lane-response.js';

/** How long a client may take, in milliseconds. */
export interface LaneTimes {
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly keepAliveTimeout: number;
}

/** A connection, as the lane sees it. */
export interface OnLane {
  /** Where it stands among those that are open: for the lane to know. */
  place: number;
  readonly socket: Socket;
  /** Leaves the socket to another. */
  detach(): void;
}

/** What connections need of the lane that they are on. */
export interface LaneHost {
  readonly times: LaneTimes;
  /** Bytes; who sends more is for the other parser to refuse. Less than none while nothing is served. */
  readonly maxBodyBytes: number;
  /** How many requests may come on one connection. */
  readonly maxRequests: number;
  /** The header lines of a connection that is kept. */
  readonly keepAlive: string;
  /** Answers a request, now or later. */
  serve(request: LaneRequest, response: LaneResponse): void;
  /** What the answer carries in any case: names and values in turn. */
  fixedFor(request: LaneRequest): readonly string[];
  /** Another parser takes over. @param bytes that came and were not used */
  handOver(connection: OnLane, bytes: Buffer): void;
  /** It is closed. */
  forget(connection: OnLane): void;
}
