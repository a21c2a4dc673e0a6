import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { WebSocketServer } from 'ws';

import { replyTo } from './echo/reply.ts';
import { gathered } from './gathered.ts';

// The upstream server of the benchmark: as little as can answer, over WebSocket and Streamable HTTP on one port.

const http = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  if (request.method === 'POST') answer(request, response);
  else response.writeHead(405).end();
});

function answer(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];

  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const reply = replyTo(Buffer.concat(chunks).toString());
    if (reply === undefined) {
      response.writeHead(202).end();
      return;
    }
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(reply) };
    response.writeHead(200, headers).end(reply);
  });
}

const webSockets = new WebSocketServer({ server: http, path: '/mcp', perMessageDeflate: false });

webSockets.on('connection', (webSocket, { socket }) => {
  const beforeSend = gathered(socket);

  webSocket.on('message', (data: Buffer) => {
    const reply = replyTo(data.toString());
    if (reply === undefined) return;
    beforeSend();
    webSocket.send(reply);
  });
});

http.listen(0, '127.0.0.1');
await once(http, 'listening');
console.log(JSON.stringify({ port: (http.address() as AddressInfo).port }));
