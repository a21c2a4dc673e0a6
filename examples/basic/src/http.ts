import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { instance } from './instance.ts';
import { Sessions } from './sessions.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '::1', '[::1]'];

/** Where to listen. Port 0 takes a free one. */
export interface Address {
  readonly port: number;
  readonly host: string;
}

/**
 * Serves Streamable HTTP with sessions at `/mcp`, and `GET /health`.
 *
 * @returns what stops the server: no new requests are taken, sessions are closed and running calls cancelled
 */
export async function serveHttp({ port, host }: Address): Promise<() => void> {
  const sessions = new Sessions();
  const onlyLoopback = LOOPBACK.includes(host);

  const http = createHttpServer((request, response) => {
    // A web page can reach a loopback port through a name of its own (DNS rebinding), but then it says that name.
    if (onlyLoopback && !namesLoopback(request)) return answer(response, 403, { error: 'host not allowed' });

    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/health') return answer(response, 200, { status: 'ok', instance: instance.id });
    if (pathname !== '/mcp') return answer(response, 404, { error: 'not found' });

    sessions.handle(request, response).catch((error: unknown) => {
      console.error(error);
      if (response.headersSent) response.destroy();
      else answer(response, 500, { error: 'internal error' });
    });
  });

  http.listen(port, host);
  await once(http, 'listening');
  console.error(`listening on http://${host}:${(http.address() as AddressInfo).port}/mcp`);

  return () => {
    http.close();
    void sessions.close().then(() => http.closeAllConnections());
  };
}

function namesLoopback({ headers }: IncomingMessage): boolean {
  const names = [`http://${headers.host ?? ''}`, headers.origin].filter((url) => url !== undefined);

  return names.every((url) => URL.canParse(url) && LOOPBACK.includes(new URL(url).hostname));
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
