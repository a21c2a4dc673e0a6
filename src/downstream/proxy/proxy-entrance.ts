import type { Server, Socket } from 'node:net';

import { plainAddress } from '../../core/client-connection.js';
import { MAX_PROXY_HEADER_BYTES, readProxyHeader } from './proxy-header.js';
import type { TrustedProxies } from './trusted-proxies.js';

type Take = (socket: Socket) => void;

/**
 * Stands before a server's own reading of its connections, and takes the PROXY header off those of trusted proxies.
 * Whoever else connects is let through as he is: a PROXY header of his is no HTTP and no TLS.
 */
export class ProxyEntrance {
  /** Sources of connections that are TLS inside, by the other end of the socket, which both layers know. */
  private readonly sources = new Map<string, string>();

  /** @param patienceMs how long a header may take to arrive */
  constructor(
    private readonly proxies: TrustedProxies,
    private readonly patienceMs: number,
  ) {}

  /** Has to be called before the server listens. */
  guard(server: Server): void {
    const takers = server.listeners('connection') as Take[];
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) =>
      this.admit(socket, () => takers.forEach((take) => take.call(server, socket))),
    );
    server.on('secureConnection', (socket: Socket) => {
      const source = this.sources.get(endOf(socket));
      if (source !== undefined) this.proxies.noteSource(socket, source);
    });
  }

  private admit(socket: Socket, enter: () => void): void {
    if (!this.proxies.includes(plainAddress(socket.remoteAddress))) return enter();
    const tooLate = setTimeout(() => socket.destroy(), this.patienceMs).unref();
    const ignore = (): void => undefined;
    let gathered = Buffer.alloc(0);
    const leave = (): void => {
      clearTimeout(tooLate);
      socket.off('readable', look).off('error', ignore).off('end', end).off('close', leave);
    };
    const end = (): void => void socket.destroy();
    const look = (): void => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) return;
      gathered = Buffer.concat([gathered, chunk]);
      const header = readProxyHeader(gathered.subarray(0, MAX_PROXY_HEADER_BYTES));
      if (header === 'incomplete') return;
      if (header === 'malformed') return void socket.destroy();
      leave();
      if (gathered.length > header.length) socket.unshift(gathered.subarray(header.length));
      if (header.source !== undefined) this.note(socket, header.source);
      enter();
    };
    socket.on('readable', look).on('error', ignore).on('end', end).on('close', leave);
  }

  private note(socket: Socket, source: string): void {
    this.proxies.noteSource(socket, source);
    const end = endOf(socket);
    this.sources.set(end, source);
    socket.once('close', () => this.sources.delete(end));
  }
}

function endOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
