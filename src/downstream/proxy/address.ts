import { isIP, SocketAddress } from 'node:net';

import { plainAddress } from '../../core/client-connection.js';

/** One spelling for each address, so that nobody is somebody else by writing it another way. Undefined for what is none. */
export function canonicalAddress(written: string): string | undefined {
  const family = isIP(written);
  if (family === 4) return written;
  // A zone means something on one machine only.
  if (family === 0 || written.includes('%')) return undefined;
  return plainAddress(new SocketAddress({ address: written, family: 'ipv6' }).address);
}
