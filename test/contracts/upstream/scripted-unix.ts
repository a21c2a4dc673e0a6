import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ScriptedPeer } from './scripted-peer.ts';

/** A scripted server at a Unix socket, with lines for messages. */
export async function scriptedUnix() {
  const folder = await mkdtemp(join(tmpdir(), 'scripted unix '));
  const path = join(folder, 'server.sock');
  const peer = new ScriptedPeer();
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    clients.add(socket);
    let rest = '';
    socket.setEncoding('utf8');
    socket.on('error', () => undefined);
    socket.on('close', () => clients.delete(socket));
    socket.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      const voice = { say: (text: string) => void socket.write(`${text}\n`), breakOff: () => void socket.destroy() };
      for (const line of lines) peer.receive(line, voice);
    });
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    peer,
    clients,
    settings: { url: `unix://${path.split('/').map(encodeURIComponent).join('/')}` },
    stop: async () => {
      for (const client of clients) client.destroy();
      server.close();
      await once(server, 'close');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
