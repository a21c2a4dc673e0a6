import { isIP, type LookupFunction } from 'node:net';

import { buildConnector } from 'undici';

import type { Networks } from './networks.js';
import { OutboundFailure } from './outbound-failure.js';
import type { ResolvedAddress, Resolver } from './resolver.js';

/**
 * Connects only where it is permitted. A name is resolved once, each of its addresses is judged, and the connection
 * goes to those very addresses: another answer a moment later changes nothing. Where it has led is looked at again.
 */
export function guardedConnector(
  networks: () => Networks,
  resolve: Resolver,
  timeout: number,
): buildConnector.connector {
  return (options, callback) => {
    const isPlain = options.protocol !== 'https:';
    const permitted = networks();
    const failed = (thrown: unknown): void => callback(OutboundFailure.from(thrown), null);
    const connect = (found: readonly ResolvedAddress[]): void => {
      if (found.length === 0 || !found.every(({ address }) => permitted.permits(address, isPlain))) {
        return failed(new OutboundFailure('refused'));
      }
      buildConnector({ ...CONNECT, timeout, lookup: pinnedTo(found) })(options, (error, socket) => {
        if (error || !socket) return failed(error);
        if (permitted.permits(socket.remoteAddress ?? '', isPlain)) return callback(null, socket);
        socket.destroy();
        failed(new OutboundFailure('refused'));
      });
    };
    addressesOf(options.hostname, resolve).then(connect, failed);
  };
}

const CONNECT = { allowH2: false, rejectUnauthorized: true } as const;

function pinnedTo(found: readonly ResolvedAddress[]): LookupFunction {
  return (_, { all }, answer) => {
    const [first] = found;
    if (all) answer(null, [...found]);
    else answer(null, first?.address ?? '', first?.family ?? 4);
  };
}

async function addressesOf(hostname: string, resolve: Resolver): Promise<readonly ResolvedAddress[]> {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  const family = isIP(bare);
  return family === 0 ? resolve(bare) : [{ address: bare, family }];
}
