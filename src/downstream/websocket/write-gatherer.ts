import type { Duplex } from 'node:stream';

/**
 * Makes one write of everything that a socket has to send in one turn of the event loop. Writes, not
 * bytes, are what sending costs.
 */
export class WriteGatherer {
  private held = new Set<Duplex>();
  private readonly flush = (): void => {
    const sockets = this.held;
    this.held = new Set();
    for (const socket of sockets) socket.uncork();
  };

  /** Holds back what is written to the socket until the turn is over. To be called before each write. */
  hold(socket: Duplex): void {
    if (this.held.has(socket)) return;
    if (this.held.size === 0) setImmediate(this.flush);
    this.held.add(socket);
    socket.cork();
  }
}
