import { once } from 'node:events';

import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import { WebSocket } from 'ws';

/** One WebSocket connection, from either end, as the SDK v2 wants it: it has none of its own. */
export class SocketTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport['onmessage'];
  private readonly socket: WebSocket;

  constructor(socket: WebSocket | string) {
    // One message after the other: else the client's own dispatch loses progress that a reply follows at once.
    const options = { allowSynchronousEvents: false };
    this.socket = typeof socket === 'string' ? new WebSocket(socket, ['mcp'], options) : socket;
  }

  async start(): Promise<void> {
    this.socket.on('message', (data: Buffer) => this.onmessage?.(JSON.parse(data.toString()) as JSONRPCMessage));
    this.socket.on('close', () => this.onclose?.());
    this.socket.on('error', (error) => this.onerror?.(error));
    if (this.socket.readyState === WebSocket.CONNECTING) await once(this.socket, 'open');
  }

  async send(message: JSONRPCMessage): Promise<void> {
    this.socket.send(JSON.stringify(message));
  }

  async close(): Promise<void> {
    this.socket.close();
  }
}
