import type { Socket } from 'node:net';

/**
 * Gathers what is written to a socket in one turn of the event loop into one system call.
 *
 * @returns what to call before each write
 */
export function gathered(socket: Socket): () => void {
  let corked = false;
  const flush = () => {
    corked = false;
    socket.uncork();
  };

  return () => {
    if (corked) return;
    corked = true;
    socket.cork();
    setImmediate(flush);
  };
}
