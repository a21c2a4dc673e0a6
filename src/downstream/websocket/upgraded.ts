import type { Socket } from 'node:net';

import { WebSocket } from 'ws';

import { FrameSocket, type FrameSocketOptions } from '../../protocol/index.js';

/**
 * What the library makes of an opening handshake that it has answered. It is asked for nothing but that: the socket
 * goes on with frames of our own, and this is let go.
 */
export class Upgraded extends WebSocket {
  private socket: Socket | undefined;
  private head: Buffer | undefined;

  /** In place of the library's own: neither its receiver nor its sender are made. */
  setSocket(socket: Socket, head: Buffer): void {
    this.socket = socket;
    this.head = head;
  }

  /** The end of the connection that is ours. To be asked for once, as soon as the handshake is answered. */
  frames(options: FrameSocketOptions): FrameSocket {
    const { socket, head } = this;
    if (!socket || !head) throw new Error('the handshake was not answered');
    socket.setTimeout(0);
    socket.setNoDelay();
    return new FrameSocket(socket, head, options);
  }
}
