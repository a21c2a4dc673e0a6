import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { WebSocketServer } from 'ws';

import type { ServerSettings } from '../../../src/upstream/server-settings.js';
import { ScriptedPeer } from './scripted-peer.ts';

/** A scripted server that runs, and what a transport must know to reach it. */
export interface ScriptedServer {
  readonly settings: Partial<ServerSettings>;
  /** What it does, and a way to influence it, where it runs in this process. */
  readonly peer?: ScriptedPeer;
  stop(): Promise<void>;
}

/** A child process; how to start it is all there is to say. */
export async function scriptedChild(): Promise<ScriptedServer> {
  const settings = { command: process.execPath, args: [join(import.meta.dirname, 'scripted-stdio.ts')] };
  return { settings, stop: () => Promise.resolve() };
}

export async function scriptedWebSocket(port = 0) {
  const server = new WebSocketServer({ host: '127.0.0.1', port, path: '/mcp' });
  await once(server, 'listening');
  const peer = new ScriptedPeer();
  server.on('connection', (socket) => {
    socket.on('message', (data: Buffer) =>
      peer.receive(data.toString(), { say: (text) => socket.send(text), breakOff: () => socket.terminate() }),
    );
  });
  return {
    peer,
    clients: server.clients,
    settings: { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` },
    stop: async () => {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Answers to echo are JSON, all others come as an event stream. */
export async function scriptedHttp(port = 0) {
  const peer = new ScriptedPeer();
  const server = createServer((request, response) => void answer(request, response, peer));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    peer,
    settings: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, peer: ScriptedPeer): Promise<void> {
  if (request.method !== 'POST') return void response.writeHead(405).end();
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const { id, method } = JSON.parse(text) as { id?: number; method: string };
  const breakOff = (): void => void response.destroy();
  if (id === undefined) {
    peer.receive(text, { say: () => undefined, breakOff });
    response.writeHead(202).end();
  } else if (method === 'test/echo' || method === 'initialize') {
    peer.receive(text, {
      say: (reply) => response.writeHead(200, { 'content-type': 'application/json' }).end(reply),
      breakOff,
    });
  } else {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    peer.receive(text, {
      say: (said) => {
        response.write(`data: ${said}\n\n`);
        if (said.includes(`"id":${id},"result"`) || said.includes(`"id":"${id}"`)) {
          setImmediate(() => response.end());
        }
      },
      breakOff,
    });
  }
}
