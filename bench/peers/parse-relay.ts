import { WebSocket, WebSocketServer } from 'ws';

// ws <-> ws, as one writes it first: a connection to the server for each client; every message is parsed, its id is
// replaced by one of the relay's own (and back), and it is written as text again.

interface Message {
  id?: string | number;
}

const [port = '0', upstreamUrl = ''] = process.argv.slice(2);
const server = new WebSocketServer({ port: Number(port), host: '127.0.0.1', perMessageDeflate: false });
let lastId = 0;

server.on('connection', (client) => {
  const upstream = new WebSocket(upstreamUrl, 'mcp', { perMessageDeflate: false });
  const early: Buffer[] = [];
  const ids = new Map<number, string | number>();

  const forward = (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Message;
    if (message.id !== undefined) {
      ids.set(++lastId, message.id);
      message.id = lastId;
    }
    upstream.send(JSON.stringify(message));
  };

  client.on('message', (data: Buffer) => (upstream.readyState === WebSocket.OPEN ? forward(data) : early.push(data)));
  upstream.on('open', () => early.forEach(forward));
  upstream.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Message;
    const id = ids.get(Number(message.id));
    if (id !== undefined) {
      ids.delete(Number(message.id));
      message.id = id;
    }
    client.send(JSON.stringify(message));
  });
  client.on('close', () => upstream.close());
  upstream.on('close', () => client.close());
});
