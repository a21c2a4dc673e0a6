import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { type WebSocket, WebSocketServer } from 'ws';

// An MCP server as a process of its own that writes down what it does before it does it, so that a test can
// count executions whatever becomes of the process. Arguments: transport, port, file for the notes, traits.
const [transport, port, notes = '', ...traits] = process.argv.slice(2);

interface Asked {
  readonly id?: number;
  readonly method: string;
  readonly params?: {
    readonly name?: string;
    readonly arguments?: { readonly key?: string; readonly ms?: number; readonly act?: Act; readonly bytes?: number };
    readonly requestId?: number;
    readonly _meta?: { readonly progressToken?: number };
  };
}

/** What a call does beside answering: die in the middle of the reply, break off, flood. */
type Act = 'reset' | 'half' | 'flood' | 'grandchild';

interface Voice {
  say(text: string): void;
  /** Writes half of a reply and nothing more; then resets the connection, if so wanted. */
  half(text: string, reset: boolean): void;
}

const note = (what: object): void => appendFileSync(notes, `${JSON.stringify(what)}\n`);
const CHUNK = 'x'.repeat(64 * 1_024);

function receive(text: string, voice: Voice): void {
  const { id, method, params } = JSON.parse(text) as Asked;
  if (method === 'notifications/cancelled') note({ cancelled: params?.requestId });
  if (id === undefined) return;
  const reply = (result: object): string => JSON.stringify({ jsonrpc: '2.0', id, result });
  if (method === 'initialize') {
    if (traits.includes('mute')) return;
    voice.say(
      reply({
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'tally', version: '1' },
      }),
    );
  } else if (method === 'tools/list') {
    voice.say(reply({ tools: [{ name: 'work', inputSchema: { type: 'object' } }] }));
  } else if (method === 'tools/call') {
    work(id, params, voice, reply);
  } else {
    voice.say(reply({}));
  }
}

function work(id: number, params: Asked['params'], voice: Voice, reply: (result: object) => string): void {
  const { key = '', ms = 0, act, bytes = 0 } = params?.arguments ?? {};
  note({ executed: key, id, pid: process.pid });
  const answer = (text: string): string => reply({ content: [{ type: 'text', text }] });
  if (act === 'reset' || act === 'half') return voice.half(answer(key.padEnd(4_096)), act === 'reset');
  if (act === 'grandchild') {
    const child = spawn('sleep', ['600'], { stdio: 'ignore' });
    return voice.say(answer(String(child.pid)));
  }
  if (act === 'flood') {
    const progressToken = params?.['_meta']?.progressToken;
    for (let sent = 0, progress = 1; sent < bytes; sent += CHUNK.length, progress++) {
      const said = { progressToken, progress, message: CHUNK };
      voice.say(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: said }));
    }
  }
  setTimeout(() => voice.say(answer(`${key} by ${process.pid}`)), ms);
}

function serveStdio(): void {
  if (traits.includes('ignore-end')) {
    process.on('SIGTERM', () => undefined);
    setInterval(() => undefined, 1_000);
  }
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  const half = (text: string): void =>
    void process.stdout.write(text.slice(0, text.length / 2), () => process.kill(process.pid, 'SIGKILL'));
  let rest = '';
  process.stdin.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) receive(line, { say, half });
  });
}

function serveWebSocket(): void {
  const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port) });
  server.on('connection', (socket: WebSocket, request) => {
    const half = (text: string, reset: boolean): void => {
      const head = Buffer.from([0x81, 126, text.length >> 8, text.length & 0xff]);
      breakOff(request.socket, Buffer.concat([head, Buffer.from(text.slice(0, text.length / 2))]), reset);
    };
    socket.on('message', (data: Buffer) => receive(data.toString(), { say: (said) => socket.send(said), half }));
    socket.on('error', () => undefined);
  });
}

function serveHttp(): void {
  const answerTo = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
    if ((JSON.parse(text) as Asked).id === undefined) response.writeHead(202).end();
    receive(text, {
      say: (said) => {
        if (said.includes('"method"') || response.headersSent) {
          if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write(`data: ${said}\n\n`);
          if (!said.includes('"method"')) response.end();
        } else response.writeHead(200, { 'content-type': 'application/json' }).end(said);
      },
      half: (said, reset) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': said.length });
        response.flushHeaders();
        breakOff(request.socket, Buffer.from(said.slice(0, said.length / 2)), reset);
      },
    });
  };
  createServer((request, response) => void answerTo(request, response)).listen(Number(port), '127.0.0.1');
}

function breakOff(socket: Socket, bytes: Buffer, reset: boolean): void {
  socket.write(bytes, () => {
    if (reset) setTimeout(() => socket.resetAndDestroy(), 20);
  });
}

note({ started: process.pid });
if (transport === 'stdio') serveStdio();
else if (transport === 'ws') serveWebSocket();
else serveHttp();
