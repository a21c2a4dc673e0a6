import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { createServer, type Socket } from 'node:net';
import type { Writable } from 'node:stream';

import { WebSocketServer, type WebSocket } from 'ws';

// A server that never stops talking once it was introduced, over the transport that is named first, with what is
// named second. It says as much as is taken from it, in a process of its own.
const [transport = '', what = '', path = ''] = process.argv.slice(2);

const NOTICE = '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"flood"}}';
/** What one turn says. The framing of lines is that of the transport. */
const SAID: Record<string, string> = {
  notifications: lines(NOTICE),
  junk: lines('x'),
  comments: ':\n'.repeat(4_096),
  ids: 'id: 1\n'.repeat(4_096),
};

const introduction = (id: number): string =>
  `{"jsonrpc":"2.0","id":${id},"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"flood","version":"1"}}}`;

function lines(line: string): string {
  const frame = transport === 'http' || transport === 'sse' ? `data: ${line}\n\n` : `${line}\n`;
  return frame.repeat(1_024);
}

function flood(stream: Writable): void {
  if (what === 'drip') return drip(stream);
  const more = (): void => {
    while (!stream.destroyed && stream.write(SAID[what] ?? '')) if (stream.writableLength > 1_000_000) break;
  };
  stream.on('drain', more);
  more();
}

/** One byte after another of an event, or a line, that never ends. */
function drip(stream: Writable): void {
  const timer = setInterval(() => (stream.destroyed ? clearInterval(timer) : stream.write('d')), 1);
}

function idOf(text: string): number | undefined {
  return (JSON.parse(text) as { id?: number }).id;
}

function speakLines(input: NodeJS.ReadableStream, output: Writable): void {
  input.once('data', (chunk: Buffer) => {
    output.write(`${introduction(idOf(chunk.toString().split('\n')[0] ?? '') ?? 0)}\n`);
    if (what === 'stderr') stderr();
    else flood(output);
    input.resume();
  });
}

function stderr(): void {
  const more = (): void => {
    while (process.stderr.write('a line that nobody asked for\n'.repeat(1_024)));
  };
  process.stderr.on('drain', more);
  more();
}

function speakFrames(socket: WebSocket): void {
  const frame = what === 'junk' ? 'x' : NOTICE;
  const more = (): void => {
    for (let n = 0; n < 1_024; n++) socket.send(frame);
    if (socket.readyState === socket.OPEN) socket.send(frame, more);
  };
  socket.once('message', (data: Buffer) => {
    socket.send(introduction(idOf(data.toString()) ?? 0));
    more();
  });
}

let stream: ServerResponse | undefined;

const http = createHttpServer((request, response) => {
  const opens = (): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  };
  if (request.method === 'GET') {
    opens();
    stream = response;
    if (transport === 'sse') response.write('event: endpoint\ndata: /post\n\n');
    else flood(response);
    return;
  }
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () => {
    const id = idOf(text);
    if (transport === 'sse') {
      response.writeHead(202).end();
      stream?.write(`data: ${introduction(id ?? 0)}\n\n`);
      if (stream) flood(stream);
    } else if (id === undefined) {
      response.writeHead(202).end();
    } else if (text.includes('initialize')) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(introduction(id));
    } else {
      opens();
      flood(response);
    }
  });
});

process.on('uncaughtException', () => process.exit(1));
if (transport === 'stdio') {
  speakLines(process.stdin, process.stdout);
} else if (transport === 'unix') {
  createServer((socket: Socket) => speakLines(socket, socket)).listen(path, () => console.log('ready'));
} else {
  if (transport === 'ws') new WebSocketServer({ server: http }).on('connection', speakFrames);
  http.listen(0, '127.0.0.1', () => console.log((http.address() as { port: number }).port));
}
