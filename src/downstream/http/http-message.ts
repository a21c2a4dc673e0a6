import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http';

import type { LaneRequest } from './lane/lane-request.js';

/** A request to one of the endpoints, whoever has read it. */
export type HttpRequest = IncomingMessage | LaneRequest;

/** As much of `ServerResponse` as the endpoints use, whoever writes it. */
export interface HttpResponse {
  /** False to have the connection end with it. */
  shouldKeepAlive: boolean;
  /** Whether there is a head. */
  readonly headersSent: boolean;
  /** Whether all of it has left, or the client has. */
  readonly destroyed: boolean;
  readonly writableEnded: boolean;
  /** Bytes that were written and have not left. */
  readonly writableLength: number;
  readonly writableNeedDrain: boolean;
  setHeader(name: string, value: number | string | readonly string[]): unknown;
  /** @param headers by name, or names and values in turn */
  writeHead(status: number, headers?: OutgoingHttpHeaders | OutgoingHttpHeader[]): unknown;
  /** Sends the head before there is anything else to send. */
  flushHeaders(): void;
  write(data: Buffer): boolean;
  end(): unknown;
  end(data: Buffer): unknown;
  end(data: string, encoding: BufferEncoding): unknown;
  /** Drops the connection, whatever is unsent. */
  destroy(): unknown;
  on(event: 'close' | 'drain' | 'error', listener: () => void): unknown;
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
}
