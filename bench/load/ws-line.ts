import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';

import { WebSocket } from 'ws';

import { gathered } from '../gathered.ts';
import { type Dialer, INITIALIZE, INITIALIZED, type Line, type Listener } from './line.ts';

/** Dials over WebSocket: every line is a connection. */
export function webSocketDialer(url: string, pass: Readonly<Record<string, string>>): Dialer {
  return { open: (listener) => open(url, pass, listener), close: async () => undefined };
}

async function open(url: string, headers: Readonly<Record<string, string>>, listener: Listener): Promise<Line> {
  const webSocket = new WebSocket(url, 'mcp', { perMessageDeflate: false, headers });
  const [[{ socket }]] = (await Promise.all([once(webSocket, 'upgrade'), once(webSocket, 'open')])) as [
    [IncomingMessage],
    unknown,
  ];

  webSocket.send(INITIALIZE);
  await once(webSocket, 'message');
  webSocket.send(INITIALIZED);

  let closing = false;
  webSocket.on('message', (data: Buffer) => listener.message(data.toString()));
  webSocket.on('error', (error) => listener.fault(error.message));
  webSocket.on('close', (code) => {
    if (!closing) listener.fault(`closed with ${code}`);
  });

  const beforeSend = gathered(socket);
  return {
    send(message) {
      beforeSend();
      webSocket.send(message);
    },
    close() {
      closing = true;
      webSocket.close();
    },
  };
}
