import type { IncomingMessage } from 'node:http';

import { GatewayError } from '../../core/errors.js';
import { GatheredBytes } from '../../core/gathered-bytes.js';
import type { HttpRequest, HttpResponse } from './http-message.js';
import { LaneRequest } from './lane/lane-request.js';
import { refusalBody } from './refusal.js';

/** How long a client that sends too much may go on before it is cut off, so that it can read why. Milliseconds. */
const LINGER_MS = 2_000;

/** What a body may be. */
export interface BodyBounds {
  readonly maxBytes: number;
  /** Told of each that is larger, once it is refused. */
  readonly exceeded: () => void;
}

/**
 * Reads a whole body, never keeping more than so many bytes. One that is too large is refused, as soon as
 * its length is known. Nothing is called when the client leaves half-way.
 */
export function readBody(
  request: HttpRequest,
  response: HttpResponse,
  { maxBytes, exceeded }: BodyBounds,
  done: (body: Buffer) => void,
): void {
  // Its length was known and judged before it was taken.
  if (request instanceof LaneRequest) return request.read(done);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    refuseTooLarge(request, response);
    return exceeded();
  }
  const body = new GatheredBytes();
  const take = (chunk: Buffer): void => {
    if (body.length + chunk.length <= maxBytes) return body.push(chunk);
    body.clear();
    request.off('data', take);
    request.off('end', finish);
    refuseTooLarge(request, response);
    exceeded();
  };
  const finish = (): void => done(body.take());
  request.on('data', take);
  request.on('end', finish);
}

/** Says so at once, but reads on for a while: to reset the connection would take the answer away with it. */
function refuseTooLarge(request: IncomingMessage, response: HttpResponse): void {
  const body = refusalBody(new GatewayError('protocol_too_large', 'the message is too large'));
  response.writeHead(413, {
    'content-type': 'application/json',
    'content-length': body.length,
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.write(body);
  const finish = (): void => void response.end();
  const cut = setTimeout(finish, LINGER_MS).unref();
  response.once('close', () => clearTimeout(cut));
  request.once('end', finish);
  request.resume();
}
