import { BlockList, isIP } from 'node:net';

/**
 * What is not the public internet, of IPv4: special-purpose addresses by the registry of IANA.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 */
const SPECIAL_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/**
 * The same of IPv6. All that is public lies in 2000::/3, so everything beside it is refused: unspecified, loopback,
 * addresses that hold one of IPv4 (::/96, ::ffff:0:0/96, 64:ff9b::/96), discard, unique local, link-local, multicast.
 * In it lie those of protocols (Teredo, ORCHID, benchmarks), of documentation, and 6to4.
 *
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const SPECIAL_V6 = [
  '::/3',
  '4000::/2',
  '8000::/1',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '2620:4f:8000::/48',
  '3fff::/20',
];

const LOOPBACK = ['127.0.0.0/8', '::1/128'];

// Apart: an address of IPv4 is also looked for among networks of IPv6, in which all of them lie.
const special = { ipv4: listOf(SPECIAL_V4), ipv6: listOf(SPECIAL_V6) };
const loopback = listOf(LOOPBACK);

/** Which addresses may be connected to that somebody else has named. */
export class Networks {
  private readonly allowed: BlockList;

  /** @param allowed networks in CIDR notation that may be reached although they are not public */
  constructor(allowed: readonly string[]) {
    this.allowed = listOf(allowed.filter((cidr) => isNetwork(cidr)));
  }

  /**
   * Whether this address may be reached.
   *
   * @param address as the system says it; anything that is no address may not
   * @param isPlain whether nothing is encrypted on the way: then it has to be this very machine
   */
  permits(address: string, isPlain = false): boolean {
    const family = familyOf(address);
    if (family === undefined) return false;
    if (this.allowed.check(address, family)) return !isPlain || loopback.check(address, family);
    return !isPlain && !special[family].check(address, family);
  }
}

/** Whether a text is a network in CIDR notation, or one address. */
export function isNetwork(cidr: string): boolean {
  const [address = '', bits, ...rest] = cidr.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0) return false;
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? 'ipv4' : 'ipv6';
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = familyOf(address) ?? 'ipv4';
    list.addSubnet(address, bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits), family);
  }
  return list;
}
