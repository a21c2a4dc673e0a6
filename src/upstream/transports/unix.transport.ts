import { connect, type Socket } from 'node:net';

import { UnsentError } from '../../core/errors.js';
import { UpstreamTransport } from '../upstream-transport.js';
import type { Wire, WireContext, WireListener } from '../wire.js';
import { socketPath } from './unix/socket-path.js';
import { UnixWire } from './unix/unix.wire.js';

/** Speaks newline-delimited JSON over a Unix domain socket that a server on the same machine listens at. */
@UpstreamTransport({ name: 'unix', schemes: ['unix'] })
export class UnixTransport implements UpstreamTransport {
  async open(context: WireContext, listener: WireListener, giveUp?: AbortSignal): Promise<Wire> {
    const { url = '', connectTimeout } = context.settings;
    const path = socketPath(url);
    if (path === undefined) throw new UnsentError('upstream_unavailable', 'the server has no usable address');
    const socket = connect({ path });
    const abort = (): void => void socket.destroy();
    giveUp?.addEventListener('abort', abort);
    if (giveUp?.aborted) abort();
    // A server that does not take connections any more leaves ours in its queue.
    const patience = context.clock.after(connectTimeout, abort);
    try {
      await connected(socket);
    } finally {
      patience.cancel();
      giveUp?.removeEventListener('abort', abort);
    }
    return new UnixWire(socket, context, listener);
  }
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    let cause: Error | undefined;
    socket.on('error', (error) => (cause = error));
    socket.once('connect', resolve);
    socket.once('close', () =>
      reject(new UnsentError('upstream_unavailable', 'the server could not be connected to', {}, { cause })),
    );
  });
}
