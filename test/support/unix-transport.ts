import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { ReadBuffer, serializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';

/** What the official SDK lacks: a client's transport over a unix socket, a message a line. */
export class UnixClientTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  private readonly buffer = new ReadBuffer();
  private readonly path: string;
  private socket: Socket | undefined;

  constructor(path: string) {
    this.path = path;
  }

  async start(): Promise<void> {
    const socket = connect(this.path);
    await once(socket, 'connect');
    this.socket = socket;
    socket.on('error', (error) => this.onerror?.(error));
    socket.on('close', () => this.onclose?.());
    socket.on('data', (chunk: Buffer) => {
      this.buffer.append(chunk);
      for (let message = this.buffer.readMessage(); message; message = this.buffer.readMessage()) {
        this.onmessage?.(message);
      }
    });
  }

  send(message: JSONRPCMessage): Promise<void> {
    this.socket?.write(serializeMessage(message));
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.socket?.end();
    return Promise.resolve();
  }
}
