import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

import { WebSocketServer } from 'ws';

import type { HostileUpstream, Kind } from './hostile-upstream.ts';

type Host = () => HostileUpstream;

/** A server, not yet listening, that brings whatever a connection says to a hostile upstream. */
export function carry(kind: Kind, host: Host): Server {
  if (kind === 'http') return http(host, streamable(host));
  if (kind === 'sse') return http(host, eventStreams(host));
  return kind === 'ws' ? webSockets(host) : lines(host);
}

/** Sockets stay half open until they are closed on purpose. */
function lines(host: Host): Server {
  return createServer({ allowHalfOpen: true }, (socket) => {
    if (!host().opened(socket)) return;
    const say = (text: string): void => void socket.write(`${text}\n`);
    const voice = { headers: {}, say, aside: say, bytes: (raw: string | Buffer) => void socket.write(raw), socket };
    const input = createInterface({ input: socket });
    input.on('error', () => undefined);
    input.on('line', (line) => host().take(line, voice));
    socket.once('end', () => socket.end());
  });
}

function webSockets(host: Host): Server {
  const silent = new WeakSet<Socket>();
  const sockets = new WebSocketServer({ noServer: true });
  const server = createHttpServer();
  server.on('connection', (socket: Socket) => !host().opened(socket) && silent.add(socket));
  server.on('upgrade', (request, stream: Socket, head) => {
    if (silent.has(stream)) return;
    sockets.handleUpgrade(request, stream, head, (websocket) => {
      const say = (text: string): void => websocket.send(text);
      const bytes = (raw: string | Buffer): void => void stream.write(raw);
      const voice = { headers: request.headers, say, aside: say, bytes, socket: stream };
      websocket.on('error', () => undefined);
      websocket.on('message', (data: Buffer) => host().take(data.toString(), voice));
    });
  });
  return server;
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

function http(host: Host, listener: Listener): HttpServer {
  const silent = new WeakSet<Socket>();
  const server = createHttpServer((request, response) => {
    response.on('error', () => undefined);
    if (!silent.has(request.socket) && !host().fault.answers?.(request, response)) listener(request, response);
  });
  return server.on('connection', (socket: Socket) => !host().opened(socket) && silent.add(socket));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function begin(response: ServerResponse): ServerResponse {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  return response;
}

/** Whoever declares capabilities gets a session id, and may listen on a stream. */
function streamable(host: Host): Listener {
  const streams = new Map<string, ServerResponse>();
  const post = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = await textOf(request).catch(() => '{}');
    const { id, method } = JSON.parse(text) as { id?: unknown; method?: string };
    if (id === undefined || !method) response.writeHead(202).end();
    if (method === 'initialize' && !text.includes('"capabilities":{}')) {
      response.setHeader('mcp-session-id', `s${host().requests.length}`);
    }
    const bytes = (raw: string | Buffer): void => {
      begin(response);
      response.write(raw);
    };
    const say = (said: string): void => {
      bytes(`data: ${said}\n\n`);
      if (said.startsWith(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result"`)) response.end();
    };
    const session = String(request.headers['mcp-session-id'] ?? '');
    const aside = (said: string): void => void streams.get(session)?.write(`data: ${said}\n\n`);
    host().take(text, { headers: request.headers, say, aside, bytes, socket: request.socket, response });
  };
  return (request, response) => {
    const session = request.headers['mcp-session-id'];
    if (request.method === 'POST') void post(request, response);
    else if (request.method !== 'GET' || typeof session !== 'string') response.writeHead(405).end();
    else streams.set(session, begin(response));
  };
}

/** Everything that is said comes on the stream of the GET. */
function eventStreams(host: Host): Listener {
  const streams = new Map<string, ServerResponse>();
  const post = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const stream = streams.get(request.url ?? '');
    const text = await textOf(request).catch(() => '{}');
    if (!stream) return void response.writeHead(404).end();
    response.writeHead(202).end();
    const say = (said: string): void => void stream.write(`data: ${said}\n\n`);
    const bytes = (raw: string | Buffer): void => void stream.write(raw);
    host().take(text, { headers: request.headers, say, aside: say, bytes, socket: stream.socket ?? request.socket });
  };
  let opened = 0;
  const open = (response: ServerResponse): void => {
    const path = `/messages?session=${++opened}`;
    streams.set(path, response);
    response.once('close', () => streams.delete(path));
    begin(response).write(`event: endpoint\ndata: ${path}\n\n`);
  };
  return (request, response) => {
    if (request.method === 'POST') void post(request, response);
    else open(response);
  };
}
