import type { Socket } from 'node:net';

import { WebSocket } from 'ws';

import { FrameSocket, type FrameSocketOptions } from '../../../protocol/index.js';

/**
 * Asks a server for a WebSocket. The library does the opening handshake and nothing else: the socket goes on with
 * frames of our own. Emits `open`, or `error` and `close`, and nothing more after that.
 */
export class Opening extends WebSocket {
  private socket: Socket | undefined;
  private head: Buffer | undefined;

  /** In place of the library's own: neither its receiver nor its sender are made. */
  setSocket(socket: Socket, head: Buffer): void {
    this.socket = socket;
    this.head = head;
    this.emit('open');
  }

  /** The end of the connection that is ours. To be asked for once, as soon as it is open. */
  frames(options: FrameSocketOptions): FrameSocket {
    const { socket, head } = this;
    if (!socket || !head) throw new Error('the handshake was not answered');
    // It was limited for the handshake.
    socket.setTimeout(0);
    socket.setNoDelay();
    return new FrameSocket(socket, head, options);
  }
}
