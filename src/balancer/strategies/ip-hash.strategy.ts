import type { Exchange } from '../../core/exchange.js';
import { BalancingStrategy, type Candidate } from '../balancing-strategy.js';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const MAPPED_IPV4 = '::ffff:';

/**
 * Picks the same server for the same client address for as long as that server is there.
 *
 * Weighted rendezvous hashing: when a server leaves, only its own clients move, to all the others by
 * weight; when it returns, they return. Nothing is remembered, so every gateway picks alike.
 */
@BalancingStrategy({ name: 'ip_hash' })
export class IpHashStrategy implements BalancingStrategy {
  pick<C extends Candidate>(candidates: readonly [C, ...C[]], exchange: Exchange | undefined): C {
    const address = hash(FNV_OFFSET, withoutMapping(exchange?.clientAddress ?? ''));
    let picked = candidates[0];
    let best = Number.NEGATIVE_INFINITY;
    for (const candidate of candidates) {
      const score = -candidate.weight / Math.log(fraction(hash(address, candidate.id)));
      if (score > best) {
        best = score;
        picked = candidate;
      }
    }
    return picked;
  }
}

/** A dual-stack socket writes the same client in another way. */
function withoutMapping(address: string): string {
  return address.startsWith(MAPPED_IPV4) ? address.slice(MAPPED_IPV4.length) : address;
}

/** FNV-1a, continued from another hash. */
function hash(seed: number, text: string): number {
  let value = seed;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), FNV_PRIME);
  }
  return value;
}

/** Between 0 and 1, both excluded. The mixing is that of MurmurHash3: FNV alone leaves neighbours alike. */
function fraction(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  mixed ^= mixed >>> 16;
  return ((mixed >>> 0) + 0.5) / 0x1_0000_0000;
}
