import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { ScriptedPeer } from './scripted-peer.ts';

/** A scripted server over HTTP+SSE: everything it says comes on the stream of the GET, and POSTs to `/mcp` are unknown. */
export async function scriptedSse(port = 0) {
  const peer = new ScriptedPeer();
  const streams = new Map<string, ServerResponse>();
  /** Every message that was posted: where to, and with which headers. */
  const posted: Pick<IncomingMessage, 'url' | 'headers'>[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'GET') return openStream(response, streams);
    posted.push(request);
    void take(request, response, { peer, stream: streams.get(request.url ?? '') });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    peer,
    posted,
    streams,
    settings: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function openStream(response: ServerResponse, streams: Map<string, ServerResponse>): void {
  const path = `/messages?session=${streams.size + 1}`;
  streams.set(path, response);
  response.on('close', () => streams.delete(path));
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`event: endpoint\ndata: ${path}\n\n`);
}

async function take(
  request: IncomingMessage,
  response: ServerResponse,
  { peer, stream }: { peer: ScriptedPeer; stream: ServerResponse | undefined },
): Promise<void> {
  if (!stream) return void response.writeHead(404).end('Session not found');
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  response.writeHead(202).end('Accepted');
  peer.receive(Buffer.concat(chunks).toString(), {
    say: (text) => void stream.write(`event: message\ndata: ${text}\n\n`),
    breakOff: () => void stream.destroy(),
  });
}
